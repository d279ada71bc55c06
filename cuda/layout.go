//go:build cuda

package cuda

// addr is an address on the device.
type addr uint64

// The jobs of device/jobs.h (popJob: nk_pop of nkkernel.h), field by field.

type eachJob struct {
	row, src, delay, attr addr
	_, _                  addr // slots, which nkd_begin sets, and start
}

type popJob struct {
	blocks   int64
	subSteps int32
	_        int32
	dt       float64
	in       addr
	got      addr
	out      addr
	outStep  addr
	state    addr
	par      addr
	parStep  addr
	mark     addr
	_        addr // hot
	each     eachJob
	_        int64 // step, which nkd_begin sets
	key      addr
}

type ringJob struct {
	table addr
	len   int64
}

type placeJob struct{ ring, place int32 }

type inJob struct{ ring, place, port int32 }

type lpuJob struct {
	step, next    int64
	rings         addr
	spikes        addr
	nspikes, room int64
	spikeRing     int64
	runs          addr
	nruns         int64
	in            addr
	nin           int64
	fromPorts     addr
	out           addr
	nout          int64
	toPorts       addr
	window, call  int64
}

type gatherJob struct {
	dst, ext, row, src, delay addr
	ring, any                 int64
}

type sumJob struct {
	sum, dst addr
	quantum  float64
	set      int64
}

type runJob struct {
	pop               popJob
	lpu               addr
	n                 int64
	nout              int64
	outRing, outPlace addr
	eachRing          int64
	gathers           addr
	ngathers          int64
	sums              addr
	nsums             int64
	mark              addr
	marked            addr
	nmarked           int64
	spikeState        int64
	spikeOut          int64
	place             int64
}

type eventsJob struct {
	lpu                  addr
	source, first, delay addr
	delays               addr
	ndelays              int64
	row, post, weight    addr
	wide                 int64
	scale                float64
	factor               addr
	factorStep           int64
	dst, sum             addr
	perQuantum           float64
	mark                 addr
}

type plasticJob struct {
	events              addr
	weight              addr
	least, most         float32
	nearest             int64
	aPlus, aMinus       float64
	ratePlus, rateMinus float64
	period              int64
	before              addr
	segments            int64
	after               addr
	n                   int64
	target              addr
	col, conn, seg      addr
	settled             int64
}

type showJob struct {
	lpu, states, places addr
	n                   int64
	values, spikes      addr
	most                int64
}

type finiteJob struct {
	state addr
	n     int64
	first addr
}
