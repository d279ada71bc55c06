//go:build browser

package report

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// tab is a page in a headless Chromium, driven over its debugging pipe.
type tab struct {
	t       *testing.T
	to      io.Writer
	from    chan message
	session string
	last    int
	asked   []string // addresses that the page asked for
	wrong   []string // what went wrong in the page
}

type message struct {
	ID     int             `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
	SessionID string `json:"sessionId,omitempty"`
}

// patience is how long the browser may take for anything.
const patience = 30 * time.Second

// open starts Chromium with an empty page.
func open(t *testing.T) *tab {
	t.Helper()
	in, toBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	fromBrowser, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "about:blank")
	c.ExtraFiles = []*os.File{in, out} // the numbers 3 and 4 that the browser expects
	if err := c.Start(); err != nil {
		t.Fatalf("%v; scripts/check-report installs it", err)
	}
	in.Close()
	out.Close()
	b := &tab{t: t, to: toBrowser, from: make(chan message, 1000)}
	go func() {
		defer close(b.from)
		r := bufio.NewReader(fromBrowser)
		for {
			text, err := r.ReadBytes(0)
			if err != nil {
				return
			}
			var m message
			if json.Unmarshal(text[:len(text)-1], &m) == nil {
				b.from <- m
			}
		}
	}()
	t.Cleanup(func() {
		b.session = ""
		b.call("Browser.close", nil)
		toBrowser.Close()
		if c.Wait() != nil {
			t.Error("Chromium did not end in order")
		}
	})
	created := b.call("Target.createTarget", map[string]any{"url": "about:blank"})
	attached := b.call("Target.attachToTarget", map[string]any{"targetId": created["targetId"], "flatten": true})
	b.session = attached["sessionId"].(string)
	for _, domain := range []string{"Page", "Runtime", "Network", "Log"} {
		b.call(domain+".enable", nil)
	}
	return b
}

// call sends a command and returns its result. Events in between are noted.
func (b *tab) call(method string, params any) (result map[string]any) {
	b.t.Helper()
	b.last++
	m := message{ID: b.last, Method: method, SessionID: b.session}
	if params != nil {
		m.Params, _ = json.Marshal(params)
	}
	text, _ := json.Marshal(m)
	if _, err := b.to.Write(append(text, 0)); err != nil {
		b.t.Fatal(err)
	}
	deadline := time.After(patience)
	for {
		select {
		case m, ok := <-b.from:
			if !ok {
				b.t.Fatalf("%s: Chromium ended", method)
			}
			b.note(m)
			if m.ID != b.last {
				continue
			}
			if m.Error != nil {
				b.t.Fatalf("%s: %s", method, m.Error.Message)
			}
			if err := json.Unmarshal(m.Result, &result); err != nil {
				b.t.Fatal(err)
			}
			return result
		case <-deadline:
			b.t.Fatalf("%s: no answer within %v", method, patience)
		}
	}
}

func (b *tab) note(m message) {
	switch m.Method {
	case "Runtime.exceptionThrown", "Log.entryAdded":
		b.wrong = append(b.wrong, string(m.Params))
	case "Network.requestWillBeSent":
		var p struct {
			Request struct {
				URL string `json:"url"`
			} `json:"request"`
		}
		if json.Unmarshal(m.Params, &p) == nil {
			b.asked = append(b.asked, p.Request.URL)
		}
	}
}

// eval returns what an expression gives.
func (b *tab) eval(expression string) any {
	b.t.Helper()
	r := b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true})
	if e, failed := r["exceptionDetails"]; failed {
		b.t.Fatalf("%s: %v", expression, e)
	}
	return r["result"].(map[string]any)["value"]
}

// until waits for an expression to become true.
func (b *tab) until(expression string) {
	b.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if b.eval(expression) == true {
			return
		}
	}
	b.t.Fatalf("never became true: %s\nthe page says: %v", expression, b.wrong)
}

// load opens a report at a width, as a phone does below 600 pixels, and waits until it is drawn.
func (b *tab) load(path string, width int) {
	b.t.Helper()
	phone := width < 600
	scale := 1
	if phone {
		scale = 2
	}
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 844, "deviceScaleFactor": scale, "mobile": phone})
	b.call("Emulation.setTouchEmulationEnabled", map[string]any{"enabled": phone})
	b.asked, b.wrong = nil, nil
	b.call("Page.navigate", map[string]any{"url": "file://" + path})
	b.until(`document.documentElement?.dataset.state === "ready"`)
}

// check fails the test if the page asked for anything but itself or a script failed.
func (b *tab) check(path string) {
	b.t.Helper()
	if e := b.eval("document.documentElement.dataset.error || ''"); e != "" || len(b.wrong) > 0 {
		b.t.Errorf("the page reports: %v %v", e, b.wrong)
	}
	others := slices.DeleteFunc(slices.Clone(b.asked), func(url string) bool { return url == "file://"+path || strings.HasPrefix(url, "data:") })
	if len(others) > 0 {
		b.t.Errorf("the page asked for %v", others)
	}
}

// shot keeps a picture of the whole page in the folder of -shots, if that is given.
func (b *tab) shot(name string) {
	b.t.Helper()
	if *shots == "" {
		return
	}
	r := b.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true})
	data, err := base64.StdEncoding.DecodeString(r["data"].(string))
	if err == nil {
		err = os.WriteFile(filepath.Join(*shots, name+".png"), data, 0o666)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) mouse(kind string, x, y float64, buttons int) {
	b.t.Helper()
	button := "none"
	if buttons > 0 || kind == "mouseReleased" {
		button = "left"
	}
	b.call("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1})
}

func (b *tab) finger(kind string, x, y float64) {
	b.t.Helper()
	points := []map[string]any{{"x": x, "y": y}}
	if kind == "touchEnd" {
		points = []map[string]any{}
	}
	b.call("Input.dispatchTouchEvent", map[string]any{"type": kind, "touchPoints": points})
}

func (b *tab) key(key string) {
	b.t.Helper()
	b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyDown", "key": key})
	b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key})
}

// area returns where the data of a panel are on the screen, after the page has scrolled there.
func (b *tab) area(panel int) (x, y, width, height float64) {
	b.t.Helper()
	over := fmt.Sprintf("document.querySelector('#panel-%d .u-over')", panel)
	b.eval(over + ".scrollIntoView({block: 'center'})")
	r := b.eval(fmt.Sprintf("(() => { const r = %s.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; })()", over)).([]any)
	return r[0].(float64), r[1].(float64), r[2].(float64), r[3].(float64)
}

// number returns a number that the page tells about itself.
func (b *tab) number(expression string) float64 {
	b.t.Helper()
	v, ok := b.eval("Number(" + expression + ")").(float64)
	if !ok {
		b.t.Fatalf("%s is not a number", expression)
	}
	return v
}
