package cuda

// Without names the passes of package compile that a program for GPUs is made without: they find what one core need not do, where a
// GPU does all at once.
var Without = []string{"order", "idle"}
