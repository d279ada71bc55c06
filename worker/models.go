package worker

import (
	"errors"
	"fmt"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/lpu/model"
)

// readModels reads the user's own models. One with the name of a built-in model replaces it, which the first rank tells.
func (w *Worker) readModels() (map[string]*model.Model, error) {
	models, from := map[string]*model.Model{}, map[string]config.Path{}
	var errs []error
	for _, path := range w.cfg.Models {
		m, err := model.ReadFile(path.Abs)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if was, twice := from[m.Name]; twice {
			errs = append(errs, w.cfg.Fault(path.Pos, "give one of them another name", "%s and %s both hold a model named %s", was.Written, path.Written, m.Name))
			continue
		}
		models[m.Name], from[m.Name] = m, path
		if model.LibraryModel(m.Name) != nil && w.opt.Rank == 0 {
			w.opt.Log.Info(fmt.Sprintf("the model %s of %s replaces the built-in one", m.Name, path.Written))
		}
	}
	return models, errors.Join(errs...)
}
