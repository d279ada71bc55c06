package gen

// param is a named number of a node. Order is part of what is reproduced: it is
// the order of attributes in the file.
type param struct {
	name  string
	value float64
}

var leakyIAF = []param{
	{"reset_potential", -67.5489770451},
	{"resting_potential", 0},
	{"threshold", -25.1355161007},
	{"resistance", 1002.445570216},
	{"capacitance", 0.0669810502993},
}

var morrisLecar = []param{
	{"V1", 30}, {"V2", 15}, {"V3", 0}, {"V4", 30},
	{"phi", 0.025}, {"offset", 0},
	{"V_L", -50}, {"V_Ca", 100}, {"V_K", -70},
	{"g_Ca", 1.1}, {"g_K", 2}, {"g_L", 0.5},
	{"initV", -52.14}, {"initn", 0.02},
}

// Graded synapses, behind an input port and between neurons.
var (
	powerFromPort = []param{{"reverse", -80}, {"saturation", 3e-5}, {"slope", 8e-7}, {"power", 1}, {"threshold", -50}}
	powerBetween  = []param{{"slope", 8e-7}, {"threshold", -50}, {"power", 1}, {"saturation", 3e-5}, {"reverse", -100}}
)

// alphaValues are the numbers of alpha synapses in one unit dialect.
type alphaValues struct {
	ar, ad, adPort       float64
	gmaxSpike, gmaxGrade float64 // onto a spiking, a graded neuron
}

// The rise rate in 1/s is not 110 but the next number above, as the conversion
// from milliseconds left it in the reference's files.
var alphas = [...]alphaValues{
	PerMillisecond: {ar: 0.11, ad: 1.9, adPort: 0.19, gmaxSpike: 3e-3, gmaxGrade: 3.1e-4},
	PerSecond:      {ar: 110.00000000000001, ad: 1900, adPort: 190, gmaxSpike: 3e-6, gmaxGrade: 3.1e-7},
}

// port returns the parameters of the synapse behind an input port.
func (a alphaValues) port() []param {
	return []param{{"ad", a.adPort}, {"ar", a.ar}, {"gmax", a.gmaxSpike}, {"reverse", 65}}
}

// onto returns the parameters of a synapse onto a neuron.
func (a alphaValues) onto(spiking bool) []param {
	reverse, gmax := 10.0, a.gmaxGrade
	if spiking {
		reverse, gmax = 65, a.gmaxSpike
	}
	return []param{{"ar", a.ar}, {"ad", a.ad}, {"reverse", reverse}, {"gmax", gmax}}
}
