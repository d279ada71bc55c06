package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/internal/nearest"
	"github.com/nkrun/nkrun/lpu/model"
)

func modelsCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "models [NAME | FILE.nk]",
		Short: "List the model library, print one model with its equations, units and source, or check a model file",
		Long: `Lists the model library; prints one model of it, which is the file that it is made from; or checks a model file of your own.

A component of a graph names its model in the attribute class, and gives the model's parameters as further attributes. READS
and WRITES are the variables by which components are joined: an edge carries what its source writes and its target reads.`,
		Example: `  nkrun models
  nkrun models LeakyIAF
  nkrun models my_neuron.nk`,
		Args: takesOneOf("NAME | FILE.nk"),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			if len(args) == 0 {
				return listModels(out, asJSON)
			}
			m, err := modelNamed(args[0])
			if err != nil {
				return usage(err)
			}
			if asJSON {
				return printJSON(out, newModelPage(m))
			}
			if _, err := fmt.Fprint(out, strings.TrimRight(m.Text, "\n"), "\n"); err != nil {
				return err
			}
			if how := m.Advanced(); how != "" {
				fmt.Fprintf(out, "# %s\n", how)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the list, or the declarations of the model, as JSON")
	return cmd
}

func listModels(out io.Writer, asJSON bool) error {
	if asJSON {
		pages := []*modelPage{}
		for _, name := range model.LibraryNames() {
			pages = append(pages, newModelPage(model.LibraryModel(name)))
		}
		return printJSON(out, pages)
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "MODEL\tREADS\tWRITES\tWHAT IT IS")
	for _, name := range model.LibraryNames() {
		m := model.Library()[name]
		var reads, writes []string
		for _, a := range m.Accesses {
			reads = append(reads, a.Name.Name)
		}
		for _, u := range m.Updates {
			writes = append(writes, u.Name)
		}
		what, _, _ := strings.Cut(m.Doc, ": ")
		what, _, _ = strings.Cut(what, ". ")
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", name, strings.Join(reads, " "), strings.Join(writes, " "), strings.TrimSuffix(what, "."))
	}
	return w.Flush()
}

// modelNamed returns a model of the library, or reads a file, which the ending .nk tells.
func modelNamed(name string) (*model.Model, error) {
	if strings.HasSuffix(name, ".nk") {
		if err := isFile(name); err != nil {
			return nil, err
		}
		return model.ReadFile(name)
	}
	if m := model.LibraryModel(name); m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("unknown model %q%s (`nkrun models` lists them; the name of a model file ends in .nk)", name, nearest.Hint(name, model.LibraryNames()))
}

// modelPage is what `models --json` prints of a model.
type modelPage struct {
	Name     string       `json:"name"`
	Doc      string       `json:"doc"`
	Source   string       `json:"source,omitempty"`
	Accesses []modelName  `json:"accesses"`
	Updates  []modelName  `json:"updates"`
	Params   []modelParam `json:"params"`
	Carries  []modelParam `json:"carries,omitempty"`
	Receives []modelName  `json:"receives,omitempty"`
	States   []modelState `json:"states"`
	MaxDT    float64      `json:"max_dt,omitempty"`
}

type modelName struct {
	Name string `json:"name"`
	Unit string `json:"unit"`
	Mode string `json:"mode,omitempty"`
	Doc  string `json:"doc,omitempty"`
}

type modelParam struct {
	modelName
	Default *float64 `json:"default"` // null: required
}

type modelState struct {
	modelName
	Init    []string `json:"init"` // attributes, the first that a node has
	Default *float64 `json:"default"`
}

func newModelPage(m *model.Model) *modelPage {
	p := &modelPage{Name: m.Name, Doc: m.Doc, Source: m.Source, MaxDT: m.MaxDT, Accesses: []modelName{}, Updates: []modelName{}, Params: []modelParam{}, States: []modelState{}}
	for _, a := range m.Accesses {
		n := newModelName(a.Name)
		n.Mode = a.Mode.String()
		p.Accesses = append(p.Accesses, n)
	}
	for _, u := range m.Updates {
		p.Updates = append(p.Updates, newModelName(u))
	}
	p.Params = append(p.Params, newModelParams(m.Params)...)
	p.Carries = newModelParams(m.Carried)
	for _, r := range m.Receives {
		p.Receives = append(p.Receives, newModelName(r.Name))
	}
	for _, s := range m.States {
		state := modelState{modelName: newModelName(s.Name), Init: append([]string{}, s.Init...)}
		if s.HasFall {
			state.Default = &s.Fallback
		}
		p.States = append(p.States, state)
	}
	return p
}

func newModelName(n model.Name) modelName { return modelName{Name: n.Name, Unit: n.Unit, Doc: n.Doc} }

func newModelParams(params []model.Param) (out []modelParam) {
	for _, q := range params {
		o := modelParam{modelName: newModelName(q.Name)}
		if q.Optional {
			o.Default = &q.Default
		}
		out = append(out, o)
	}
	return out
}
