// The training of the picture families (training_task.h).
//
// Adversarial: one step's loss is the critic's, of real and drawn pictures, and the generator's,
// through a critic that is held still; one backward pass gives both gradients. Where the critic has
// more steps, the generator's part is there in every so many only.
//
// Validation of an autoencoder is its negative evidence lower bound, of the others how far what
// they draw is from held-out music (1 - meanOverlap, core/corpus/picture_figures.h). After each
// epoch a sheet of pictures is left (core/compose/run_pictures.h).
#pragma once

#include <memory>

#include "core/compose/engine.h"
#include "models/picture_data.h"
#include "models/training_task.h"

namespace incipit {

// `sink` must live as long as the task. Fails where the pictures cannot be read.
Result<std::unique_ptr<TrainingTask>> makePictureTask(const TrainRequest& request,
                                                      PicturePreset preset, PictureData data,
                                                      TrainSink& sink);

}  // namespace incipit
