#include "models/picture_presets.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace incipit {
namespace {

std::vector<std::pair<std::string, std::string>> kindChoices(PictureKind first) {
  constexpr std::array kLabels{"Length, velocity, instrument, tempo",
                               "Start and sustain, velocity, "
                               "instrument",
                               "Start and sustain", "Two bars of 4/4"};
  std::vector<std::pair<std::string, std::string>> out;
  for (const PictureKind kind : kPictureKinds) {
    const auto label = kLabels[static_cast<std::size_t>(kind)];
    out.insert(kind == first ? out.begin() : out.end(), {pictureKindId(kind), label});
  }
  return out;
}

PictureKind kindNamed(const std::string& id) {
  for (const PictureKind kind : kPictureKinds) {
    if (id == pictureKindId(kind)) return kind;
  }
  return PictureKind::kTicks;
}

void adversarial(PicturePreset& p) {
  Schedule& s = p.schedule;
  s.adversarial = true;
  s.epochs = 40;
  s.rate = 0.0002;
  s.beta1 = 0.5;
}

PicturePreset published(const std::string& family) {
  PicturePreset p;
  p.family = family;
  p.name = "published";
  if (family == kRollVae) {
    p.layers = PictureLayers::kConvolutions;
    p.latent = 64;
    p.width = 32;
    p.schedule.epochs = 30;
    return p;
  }
  adversarial(p);
  if (family == kRollGan) {
    p.width = 1024;
    return p;
  }
  p.layers = PictureLayers::kConvolutions;
  p.width = 32;
  p.dropout = 0.25;
  if (family == kRollWganGp) {
    p.dropout = 0;
    p.loss = AdversarialLoss::kWasserstein;
    p.criticSteps = 5;
    p.gradientPenalty = 10;
    p.schedule.beta1 = 0;
    p.schedule.beta2 = 0.9;
    p.schedule.rate = 0.0001;
  }
  return p;
}

PicturePreset improved(const std::string& family) {
  PicturePreset p = published(family);
  p.name = "improved";
  p.schedule.average = 0.999;
  // Steps are what short runs lack.
  p.batch = 16;
  if (family == kRollVae) {
    p.layers = PictureLayers::kSegments;
    p.latent = 192;
    p.width = 448;
    p.beta = 0.2;
    p.schedule.epochs = 40;
    p.schedule.warmUpSteps = 100;
    return p;
  }
  p.hidden = 0.3;
  p.latent = 128;
  p.reconstruction = 1;
  p.beta = 0.3;
  p.schedule.beta1 = 0;
  p.schedule.beta2 = 0.99;
  p.schedule.rate = 0.001;
  p.schedule.criticRate = 2;
  if (family == kRollDcgan) {
    p.width = 16;
    p.dropout = 0;
    p.loss = AdversarialLoss::kHinge;
    p.spectral = true;
    return p;
  }
  p.layers = PictureLayers::kSegments;
  p.width = 256;
  if (family == kRollGan) {
    p.loss = AdversarialLoss::kLogistic;
    p.realPenalty = 5;
  } else {
    p.criticSteps = 2;
  }
  return p;
}

}  // namespace

int PicturePreset::planes() const {
  const int channels = shapeOf(kind).channels;
  if (!improved()) return channels;
  // Whether a cell is on, and, where there are levels, which.
  return kind == PictureKind::kTicks ? 1 : channels + 1;
}

Result<PicturePreset> picturePresetNamed(const std::string& family, const std::string& name) {
  if (name.empty() || name == "published") return published(family);
  if (name == "improved") return improved(family);
  return fail(fmt::format("{} has no preset \"{}\": use published or improved", family, name));
}

std::vector<SettingInfo> pictureSettings(const PicturePreset& p) {
  std::vector<SettingInfo> out = scheduleSettings(p.schedule, p.batch);
  out.push_back(
      choiceSetting("kind", "Pictures", "How music becomes a picture", kindChoices(p.kind)));
  out.push_back(integerSetting("latent", "Latent numbers", "What a picture is drawn from", p.latent,
                               1, 1024));
  out.push_back(
      integerSetting("width", "Width", "Of the layer next to the cells", p.width, 8, 2048));
  out.push_back(integerSetting("epoch", "Epoch", "Pictures in an epoch; 0: each once", p.epoch, 0,
                               10'000'000));
  out.push_back(switchSetting("transpose", "Transpose",
                              "Pictures are moved by up to half an octave", p.transpose));
  out.push_back(numberSetting("pitch-noise", "Pitch noise",
                              "Share of the notes whose pitch is moved by chance", p.noisyNotes, 0,
                              1));
  if (p.vae() || p.improved()) {
    out.push_back(
        numberSetting("beta", "Beta", "Weight of the divergence from the prior", p.beta, 0, 100));
    out.push_back(numberSetting("free-bits", "Free bits",
                                "Nats of each latent number that cost nothing", p.freeBits, 0, 10));
  }
  if (p.vae()) return out;
  if (p.improved()) {
    out.push_back(numberSetting("reconstruction", "Reconstruction",
                                "Weight of giving music back, beside the critic", p.reconstruction,
                                0, 100));
  }
  out.push_back(integerSetting("critic-steps", "Critic's steps", "For each of the generator",
                               p.criticSteps, 1, 100));
  out.push_back(numberSetting("critic-rate", "Critic's rate", "Times the learning rate",
                              p.schedule.criticRate, 0.01, 100));
  out.push_back(numberSetting("gradient-penalty", "Gradient penalty",
                              "Its weight, between real and drawn pictures", p.gradientPenalty, 0,
                              1000));
  out.push_back(numberSetting("real-penalty", "R1", "Weight of the gradient at real pictures",
                              p.realPenalty, 0, 1000));
  out.push_back(numberSetting("hide", "Hide", "Share of the pictures of which the critic sees half",
                              p.hidden, 0, 1));
  out.push_back(numberSetting("dropout", "Dropout",
                              "Share of the critic's layers that a step leaves "
                              "out",
                              p.dropout, 0, 0.9));
  return out;
}

void setPicturePreset(PicturePreset& p, const SettingValues& s) {
  setSchedule(p.schedule, s);
  p.batch = s.integer("batch");
  p.kind = kindNamed(s.choice("kind"));
  p.latent = s.integer("latent");
  p.width = s.integer("width");
  p.epoch = s.integer("epoch");
  p.transpose = s.on("transpose");
  p.noisyNotes = s.number("pitch-noise");
  if (p.vae() || p.improved()) {
    p.beta = s.number("beta");
    p.freeBits = s.number("free-bits");
  }
  if (p.vae()) return;
  if (p.improved()) p.reconstruction = s.number("reconstruction");
  p.criticSteps = s.integer("critic-steps");
  p.schedule.criticRate = s.number("critic-rate");
  p.gradientPenalty = s.number("gradient-penalty");
  p.realPenalty = s.number("real-penalty");
  p.hidden = s.number("hide");
  p.dropout = s.number("dropout");
}

std::string pictureConfig(const PicturePreset& p) {
  return nlohmann::ordered_json{
      {"kind", static_cast<int>(p.kind)}, {"latent", p.latent}, {"width", p.width}}
      .dump();
}

Result<PicturePreset> pictureCheckpoint(const TensorFile& file) {
  auto preset = picturePresetNamed(metadataOf(file, "family"), metadataOf(file, "preset"));
  if (!preset) return preset;
  int kind = 0;
  const auto sizes = sizesOfConfig(metadataOf(file, "config"),
                                   {{"kind", &kind, 0, static_cast<int>(kPictureKinds.size()) - 1},
                                    {"latent", &preset->latent, 1, 1024},
                                    {"width", &preset->width, 8, 2048}});
  if (!sizes) return fail(sizes.error().message);
  preset->kind = kPictureKinds[static_cast<std::size_t>(kind)];
  return preset;
}

}  // namespace incipit
