// Composing with pictures: drawn one after another from the start of the range, they are textures
// that go with what is there, not its continuation. An autoencoder varies the last picture's worth
// of the seed.
#include <algorithm>

#include "core/encoding/picture_encoding.h"
#include "core/theory/scale.h"
#include "models/picture_model.h"

namespace incipit {
namespace {

constexpr const char* kKey = "key";
constexpr const char* kSnapped = "snapped";
constexpr const char* kDistance = "distance";

std::vector<Note> seedNotes(const Take& take) {
  std::vector<Note> out;
  for (const EncodedNote& e : take.context.seed) {
    Note n;
    n.start = tickOf(e.onset, take.context.ppq);
    n.length = tickOf(e.onset + e.duration, take.context.ppq) - n.start;
    n.pitch = e.pitch;
    n.velocity = e.velocity;
    out.push_back(n);
  }
  return out;
}

// The picture that ends where the range begins.
Picture seedPicture(PictureKind kind, const std::vector<Note>& seed, const Take& take) {
  const PictureShape shape = shapeOf(kind);
  const Tick from = take.context.range.from;
  const Tick first = PictureGrid(kind, take.tempo, from).tick(-shape.columns);
  const PictureGrid grid(kind, take.tempo, first);
  PictureNotes notes;
  for (const Note& n : seed) {
    PictureNote p;
    p.column = grid.column(n.start);
    p.length = std::max<std::int64_t>(1, grid.column(n.end()) - p.column);
    if (p.column < 0 || p.column >= shape.columns || n.pitch < shape.lowest ||
        n.pitch >= shape.lowest + shape.keys) {
      continue;
    }
    p.pitch = n.pitch;
    p.velocity = n.velocity;
    notes.push_back(p);
  }
  return paintPicture(kind, notes);
}

int snapped(int pitch, const Scale& scale) {
  for (int away = 0; away < 12; ++away) {
    if (scale.contains(pitch - away)) return pitch - away;
    if (scale.contains(pitch + away)) return pitch + away;
  }
  return pitch;
}

// The latent numbers of a picture of the take.
class Source {
 public:
  Source(const PictureModel& model, const std::vector<Note>& seed, Take& take)
      : model_(model), take_(take), seed_(take.rng.next()) {
    if (!model.preset().vae()) return;
    distance_ = take.settings.values.number(kDistance);
    if (!seed.empty() && distance_ < 1) {
      const Picture before = seedPicture(model.kind(), seed, take);
      near_ = model.embed({&before, 1}).front();
    }
  }
  Latent operator()(std::uint64_t index) const {
    Latent z = model_.latents(seed_, index, 1, take_.settings.temperature).front();
    for (std::size_t i = 0; i < near_.size(); ++i) {
      z[i] = near_[i] + static_cast<float>(distance_) * (z[i] - near_[i]);
    }
    return z;
  }

 private:
  const PictureModel& model_;
  const Take& take_;
  std::uint64_t seed_;
  double distance_ = 1;
  Latent near_;  // empty: free
};

struct Placed {
  Note note;
  float probability;
};

// In order of start.
std::vector<Placed> placed(const PictureModel::Drawn& drawn, const PictureGrid& grid,
                           std::int64_t first, const Scale* scale) {
  const PictureShape shape = shapeOf(drawn.picture.kind);
  std::vector<Placed> out;
  for (const PictureNote& p : readPictures({&drawn.picture, 1})) {
    Note n;
    n.start = grid.tick(first + p.column);
    n.length = grid.tick(first + p.column + p.length) - n.start;
    n.pitch = static_cast<std::uint8_t>(
        scale == nullptr ? p.pitch : std::clamp(snapped(p.pitch, *scale), kLowestKey, kHighestKey));
    n.velocity = p.velocity;
    const auto cell = static_cast<std::size_t>((p.pitch - shape.lowest) * shape.columns + p.column);
    out.push_back({n, drawn.on[cell]});
  }
  return out;
}

bool compose(const PictureModel& model, Take& take) {
  const PictureGrid grid(model.kind(), take.tempo, take.context.range.from);
  const std::int64_t columns = shapeOf(model.kind()).columns;
  const std::int64_t end = grid.column(take.context.range.to);
  const std::vector<Note> seed = seedNotes(take);
  const Scale key = estimateKey(seed);
  const bool snap = take.settings.values.choice(kKey) == kSnapped && !seed.empty();
  const Source source(model, seed, take);
  for (std::int64_t first = 0; first < end && !take.full(); first += columns) {
    if (take.stopped()) return true;
    const Latent z = source(static_cast<std::uint64_t>(first / columns));
    const auto drawn = model.draw({&z, 1});
    for (const Placed& p : placed(drawn.front(), grid, first, snap ? &key : nullptr)) {
      if (p.note.start >= take.context.range.to || take.full()) break;
      if (take.pitchFree(p.note.pitch, p.note.start)) take.emit(p.note, p.probability);
    }
  }
  return false;
}

}  // namespace

std::vector<SettingInfo> pictureComposeSettings(bool vae) {
  std::vector<SettingInfo> out{choiceSetting(kKey, "Key", "Notes outside the seed's key",
                                             {{"drawn", "As drawn"}, {kSnapped, "Moved into it"}})};
  if (vae) {
    out.push_back(numberSetting(kDistance, "Distance",
                                "From the last picture of the seed: 0 as near as can be, 1 free",
                                0.5, 0, 1));
  }
  return out;
}

std::shared_ptr<const Composer> pictureComposer(std::shared_ptr<const PictureModel> model) {
  return composerOf([model = std::move(model)](Take& take) { return compose(*model, take); });
}

}  // namespace incipit
