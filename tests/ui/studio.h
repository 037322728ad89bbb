// The whole window over a scripted player and engine.
#pragma once

#include <QApplication>
#include <QLabel>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <chrono>
#include <fstream>
#include <memory>

#include "tests/ui/fake_engine.h"
#include "tests/ui/fake_player.h"
#include "ui/roll/roll_editor.h"
#include "ui/window/main_window.h"

namespace incipit::test {

// A shown window over the fakes, with every file in a folder of its own.
class Studio {
 public:
  explicit Studio(std::function<void(Services&)> change = {}) {
    qputenv("XDG_CONFIG_HOME", folder.path().toUtf8());
    qputenv("XDG_DATA_HOME", folder.path().toUtf8());
    qputenv("XDG_STATE_HOME", folder.path().toUtf8());
    script->notes = 4;
    jobs = std::make_unique<JobRunner>(FakeEngine::loader(script));
    Services s;
    s.player = &player;
    s.jobs = jobs.get();
    std::ofstream(file("fake.safetensors")) << "a checkpoint";
    s.models = [path = file("fake.safetensors"), script = script] {
      CheckpointInfo info;
      info.path = path;
      info.title = "Fake";
      info.family = "note-lstm";
      info.parameters = 84354;
      Catalogue all{{info}, {}};
      for (const char* family : {"roll-vae", "hilbert-ae"}) {
        if (!script->lab) break;
        all.models.push_back(info);
        all.models.back().family = family;
        all.models.back().path = path.parent_path() / (std::string(family) + ".safetensors");
      }
      return all;
    };
    s.settingsFile = file("settings.ini");
    s.autosaveFolder = file("autosave");
    s.warmUpAfter = std::chrono::milliseconds(-1);
    if (change) change(s);
    window = std::make_unique<MainWindow>(s);
    window->show();
    window->activateWindow();
    window->roll().setFocus();
    [[maybe_unused]] const bool shown = QTest::qWaitForWindowActive(window.get());
  }
  ~Studio() {
    script->open();
    window->closeForSignal();
    window.reset();
  }

  std::filesystem::path file(const char* name) const {
    return (folder.path() + "/" + name).toStdString();
  }
  Session& session() { return window->session(); }
  std::vector<Note> notes() { return session().track()->notes.toVector(); }
  // Puts notes {start, length, pitch} in quarters into the active track and selects them.
  void draw(std::initializer_list<std::tuple<double, double, int>> quarters) {
    const int ppq = session().document()->ppq;
    std::vector<Note> drawn;
    for (const auto& [start, length, pitch] : quarters) {
      Note n;
      n.start = {static_cast<std::int64_t>(start * ppq)};
      n.length = {static_cast<std::int64_t>(length * ppq)};
      n.pitch = static_cast<std::uint8_t>(pitch);
      drawn.push_back(n);
    }
    session().commit("Draw", addNotes(*session().document(), session().activeTrack(), drawn));
  }
  // As the window system sends it, to whatever has the focus.
  void key(Qt::Key k, Qt::KeyboardModifiers m = Qt::NoModifier) {
    QTest::keyClick(window->windowHandle(), k, m);
  }
  template <typename T>
  T* find(const char* name) {
    return window->findChild<T*>(name);
  }
  void click(const char* button) {
    QTest::mouseClick(find<QAbstractButton>(button), Qt::LeftButton);
  }
  std::int64_t quarter() { return session().document()->ppq; }

  QTemporaryDir folder;
  FakePlayer player;
  std::shared_ptr<Script> script = std::make_shared<Script>();
  std::unique_ptr<JobRunner> jobs;
  std::unique_ptr<MainWindow> window;
};

}  // namespace incipit::test
