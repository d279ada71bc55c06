package table

import (
	"fmt"
	"runtime"
	"testing"
)

// BenchmarkEach reads 15 million connections of 138,639 neurons, a whole fly brain, from every format.
func BenchmarkEach(b *testing.B) {
	numpy(b, `
n, rng = 15000000, np.random.default_rng(1)
pre, post = np.sort(rng.integers(0, 138639, n)), rng.integers(0, 138639, n)
w = rng.integers(-20, 20, n)
first = 720575940596125868
np.save('pre', pre.astype('i4')); np.save('post', post.astype('i4')); np.save('w', w.astype('f4'))
np.save('pre_ids', pre + first); np.save('post_ids', post + first)
with h5py.File('t.h5', 'w') as f:
    f['ids/pre'], f['ids/post'], f['ids/weight'] = pre + first, post + first, w
    f['index/pre'], f['index/post'], f['index/weight'] = pre.astype('i4'), post.astype('i4'), w.astype('f4')
    f['text/pre'], f['text/post'], f['text/weight'] = pre.astype('S6'), post.astype('S6'), w
with open('ids.csv', 'w') as f:
    f.write('pre,post,weight\n')
    for i in range(0, n, 100000):
        f.write(''.join('%d,%d,%d\n' % r for r in zip((pre[i:i+100000] + first).tolist(), (post[i:i+100000] + first).tolist(), w[i:i+100000].tolist())))`)
	ids := make([]string, 138639)
	for i := range ids {
		ids[i] = fmt.Sprint(720575940596125868 + i)
	}
	byID, numbers := nodes(ids...), numbered("", len(ids))
	for _, c := range []struct {
		name string
		spec Spec
		n    Nodes
	}{
		{"npy-index", Spec{Pre: "pre.npy", Post: "post.npy", Weight: "w.npy", ByIndex: true}, numbers},
		{"npy-uid", Spec{Pre: "pre_ids.npy", Post: "post_ids.npy", Weight: "w.npy"}, byID},
		{"hdf5-index", Spec{File: "t.h5", Group: "index", ByIndex: true}, numbers},
		{"hdf5-uid", Spec{File: "t.h5", Group: "ids"}, byID},
		{"hdf5-text", Spec{File: "t.h5", Group: "text"}, numbers},
		{"csv-uid", Spec{File: "ids.csv"}, byID},
	} {
		b.Run(c.name, func(b *testing.B) {
			tab := open(b, c.spec, c.n)
			for b.Loop() {
				rows := 0
				if err := tab.Each(func(c *Chunk) error { rows += len(c.Pre); return nil }); err != nil {
					b.Fatal(err)
				}
				if rows != 15_000_000 {
					b.Fatalf("%d rows", rows)
				}
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.HeapAlloc)/1e6, "MB-heap")
		})
	}
}
