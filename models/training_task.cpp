#include "models/training_task.h"

namespace incipit {

std::vector<SettingInfo> scheduleSettings(const Schedule& s, int batch) {
  return {
      numberSetting("rate", "Learning rate", "The highest one of the run", s.rate, 1e-7, 1),
      integerSetting("batch", "Batch", "Examples that one step learns from", batch, 1, 65536),
      numberSetting("weight-decay", "Weight decay", "How strongly weights are pulled to zero",
                    s.weightDecay, 0, 10),
      numberSetting("clip", "Gradient limit", "Greatest norm of a step's gradient; 0: none", s.clip,
                    0, 1e6),
      numberSetting("average", "Averaging",
                    "Share of the average of the weights that a step keeps; 0: no average",
                    s.average, 0, 0.99999),
      integerSetting("patience", "Patience",
                     "Epochs without a better validation after which a run ends; 0: never",
                     s.patience, 0, 100000),
  };
}

void setSchedule(Schedule& s, const SettingValues& settings) {
  s.rate = settings.number("rate");
  s.weightDecay = settings.number("weight-decay");
  s.clip = settings.number("clip");
  s.average = settings.number("average");
  s.patience = settings.integer("patience");
}

}  // namespace incipit
