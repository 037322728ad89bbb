// The training window's page Compare over three models that the fakes know.
#pragma once

#include <QListWidget>
#include <QSpinBox>
#include <QTabWidget>

#include "core/compose/paths.h"
#include "tests/ui/training/training_fixture.h"
#include "ui/training/compare_page.h"

namespace incipit::test {

inline Catalogue threeModels() {
  Catalogue out;
  for (const char* name : {"one", "three", "seventeen"}) {
    CheckpointInfo m;
    m.path = dataFolder() / "models" / (std::string(name) + ".safetensors");
    m.title = name;
    m.family = "note-lstm";
    m.preset = "published";
    if (!std::filesystem::exists(m.path)) {
      std::filesystem::create_directories(m.path.parent_path());
      std::ofstream(m.path) << "weights of " << name;
    }
    out.models.push_back(m);
  }
  return out;
}

struct CompareStudio : TrainingStudio {
  CompareStudio() : TrainingStudio([](Services& s) { s.models = threeModels; }) { showPage(); }
  void showPage() { training->showPage(TrainingWindow::Page::kCompare); }
  ComparePage& page() { return training->compare(); }
  ComparisonSession& comparison() { return page().comparison(); }
  QListWidget* list() { return of<QListWidget>("compareModelList"); }
  void tick(int row, bool on) {
    list()->item(row)->setCheckState(on ? Qt::Checked : Qt::Unchecked);
  }
};

}  // namespace incipit::test
