// What the pages of the Lab are given; all of it outlives them.
#pragma once

#include <QSettings>
#include <functional>
#include <memory>

#include "core/compose/catalogue.h"
#include "core/compose/jobs.h"
#include "core/compose/sound.h"
#include "core/playback/player.h"
#include "ui/session/families.h"
#include "ui/session/transport.h"

namespace incipit {

struct LabParts {
  Session& session;
  Transport& transport;
  Families& families;
  JobRunner* jobs;                     // may be null: no model can run
  Player* player;                      // may be null: silence
  std::shared_ptr<SoundStudio> sound;  // may be null: no sound is read
  QSettings& settings;
  std::function<Catalogue()> models;
};

}  // namespace incipit
