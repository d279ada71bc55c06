package docs

import (
	"encoding/json"
	"io"
	"os/exec"
	"time"
)

// interpreter is a Python that runs the blocks of a page.
type interpreter struct {
	in  io.Writer
	out *json.Decoder
}

// pythonLoop runs what it reads line by line, as JSON, and answers likewise, with what was printed.
const pythonLoop = `
import io, json, os, sys, traceback
answers = os.fdopen(os.dup(1), 'w')
os.dup2(2, 1)
names = {'__name__': '__main__'}
for line in sys.stdin:
    folder, name, text = json.loads(line)
    os.chdir(folder)
    sys.stdout, fault = io.StringIO(), ''
    try:
        exec(compile(text, name, 'exec'), names)
    except BaseException:
        fault = traceback.format_exc()
    print(json.dumps([sys.stdout.getvalue(), fault]), file=answers, flush=True)
`

func startPython(r *reader) *interpreter {
	c := exec.Command("/usr/bin/python3", "-c", pythonLoop)
	c.Env = environment()
	in, err := c.StdinPipe()
	if err != nil {
		r.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		r.Fatal(err)
	}
	if err := c.Start(); err != nil {
		r.Fatal(err)
	}
	limit := time.AfterFunc(time.Minute, func() { c.Process.Kill() })
	r.Cleanup(func() {
		in.Close()
		c.Wait()
		limit.Stop()
	})
	return &interpreter{in, json.NewDecoder(out)}
}

func (p *interpreter) run(r *reader, b block) string {
	r.Helper()
	if err := json.NewEncoder(p.in).Encode([]string{r.folder(), b.at(), b.text}); err != nil {
		r.Fatal(err)
	}
	var answer [2]string
	if err := p.out.Decode(&answer); err != nil {
		r.Fatalf("%s: Python ended: %v", b.at(), err)
	}
	if answer[1] != "" {
		r.Fatalf("%s: %s", b.at(), answer[1])
	}
	return answer[0]
}
