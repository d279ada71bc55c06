package compile

import (
	"fmt"

	"github.com/nkrun/nkrun/lpu/model"
)

// sparse turns connections that only say whether a spike arrives into events: components are told of the spikes that reach them,
// and do not look at their sources in every step. The values are the same to the bit.
func (c *Circuit) sparse() string {
	done, all := 0, 0
	for pi, p := range c.pops {
		for k, a := range p.model.Accesses {
			all += len(p.conns[k])
			if a.Mode != model.Any || a.Name.Name != spikeVariable || p.external[k] || len(p.conns[k]) == 0 {
				continue
			}
			links := make([]link, len(p.conns[k]))
			for n, cn := range p.conns[k] {
				links[n] = link{cn.from, cn.to, cn.delay + 1, 1}
			}
			c.events = append(c.events, eventsOf(int32(pi), k, -1, links))
			done += len(links)
			p.conns[k] = nil
		}
	}
	if done == 0 {
		return "no connection carries spikes alone"
	}
	return fmt.Sprintf("%d of %d connections carry spikes as events", done, all)
}
