package compile

// readRates settles the unit dialect of AlphaSynapse: today's graphs give ar and ad in 1/ms, those of 2017 and before in
// 1/s, with a thousandth of the gmax. In the wrong dialect the equations blow up or stay silent. The exact
// conversion is ar/1000, ad/1000, gmax*1000. By `auto` a graph with (ar+ad)*dt >= 1, where today's reading would be
// unstable, is taken for the older one.
func (c *Circuit) readRates() {
	for _, p := range c.pops {
		if p.model.Name != "AlphaSynapse" || c.opt.Models["AlphaSynapse"] != nil {
			continue
		}
		var gmax, ar, ad []float64
		for k, q := range p.model.Params {
			switch q.Name.Name {
			case "gmax":
				gmax = p.params[k]
			case "ar":
				ar = p.params[k]
			case "ad":
				ad = p.params[k]
			}
		}
		_, h := p.model.SubSteps(c.opt.DT)
		unstable := -1
		own := func(i int) bool { return int(p.nodes[i]) < c.g.NumNodes()-c.opt.Added }
		for i := range ar {
			if own(i) && (ar[i]+ad[i])*h >= 1 {
				unstable = i
				break
			}
		}
		switch {
		case c.opt.Rates == "s" || unstable >= 0 && c.opt.Rates != "ms":
			c.rates = "s"
			if c.opt.Rates != "s" {
				c.opt.Warn("LPU " + c.opt.LPU + ": AlphaSynapse rates are read as 1/s, gmax as uS/cm^2 per ms (the dialect of 2017): in 1/ms (ar+ad)*dt would be 1 or more, first at node \"" +
					c.g.Node(int(p.nodes[unstable])).ID() + "\"; set `rates: s` or `rates: ms` to say which")
			}
			for i := range ar {
				if own(i) {
					ar[i] /= 1000
					ad[i] /= 1000
					gmax[i] *= 1000
				}
			}
		}
	}
}
