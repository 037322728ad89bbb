#include "models/roll_presets.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/roll_features.h"

namespace incipit {
namespace {

constexpr int kUnitsPerSixteenth = kUnitsPerQuarter / 4;

void addLstm(TensorShapes& out, const std::string& name, std::int64_t in, std::int64_t hidden) {
  out.push_back({name + ".input", {4 * hidden, in}});
  out.push_back({name + ".recurrent", {4 * hidden, hidden}});
  out.push_back({name + ".bias", {4 * hidden}});
}

void addDense(TensorShapes& out, const std::string& name, std::int64_t in, std::int64_t outs) {
  out.push_back({name + ".weight", {outs, in}});
  out.push_back({name + ".bias", {outs}});
}

TensorShapes publishedTensors(const RollPreset& p) {
  TensorShapes out;
  const std::int64_t h = p.hidden;
  if (!p.seq2seq()) {
    addLstm(out, "lstm", kRollKeys, h);
  } else {
    // Two directions of half the units each give the decoder's state together.
    addLstm(out, "encoder", kRollKeys, p.bidirectional ? h / 2 : h);
    if (p.bidirectional) addLstm(out, "encoder_back", kRollKeys, h / 2);
    addLstm(out, "decoder", kRollKeys, h);
    addDense(out, "dense", h, h);
  }
  addDense(out, "out", h, std::int64_t{p.classes} * kRollKeys);
  return out;
}

TensorShapes improvedTensors(const RollPreset& p) {
  TensorShapes out;
  const std::int64_t h = p.hidden;
  const std::int64_t e = p.encoder;
  out.push_back({"embedding", {RollRows::kRows, h}});
  addLstm(out, "lstm1", h, h);
  if (p.seq2seq()) {
    out.push_back({"encoder.embedding", {RollRows::kRows, e}});
    addLstm(out, "encoder", e, e);
    addLstm(out, "encoder_back", e, e);
    addDense(out, "summary", 2 * e, h);
    out.push_back({"query", {2 * e, h}});
    out.push_back({"attended", {p.head, 2 * e}});
  } else {
    addLstm(out, "lstm2", h, h);
  }
  addDense(out, "head", h, p.head);
  out.push_back({"head.given", {GivenRows::kRows, p.head}});
  addDense(out, "out", p.head, CellOutputs::kOutputs);
  return out;
}

}  // namespace

Result<RollPreset> rollPresetNamed(const std::string& family, const std::string& name) {
  RollPreset p;
  p.family = family;
  p.name = name.empty() ? "published" : name;
  if (p.name == "published") {
    p.out = p.seq2seq() ? 10 : 1;
    return p;
  }
  if (p.name != "improved") {
    return fail(fmt::format("{} has no preset \"{}\": use published or improved", family, name));
  }
  p.unitsPerColumn = kUnitsPerSixteenth;
  p.classes = 3;
  p.hidden = 192;
  p.encoder = p.seq2seq() ? 96 : 0;
  p.head = 96;
  p.out = p.seq2seq() ? 64 : 128;
  p.transpose = true;
  p.dropout = 0.1;
  p.batch = 32;
  p.epochs = 12;
  p.examples = p.seq2seq() ? 7'000 : 5'000;
  p.rate = 0.003;
  p.weightDecay = 0.02;
  p.clip = 1;
  p.average = 0.995;
  return p;
}

std::vector<SettingInfo> rollSettings(const RollPreset& p) {
  std::vector<std::pair<std::string, std::string>> columns{{"seconds", "1/20 second"},
                                                           {"sixteenths", "Sixteenth note"}};
  if (p.unitsPerColumn > 0) std::swap(columns[0], columns[1]);
  std::vector<SettingInfo> out{
      choiceSetting("columns", "Columns", "How much time a column of the roll is", columns),
      numberSetting("pitch-noise", "Pitch noise",
                    "Share of the notes that a step moves by the whole part of a normal number of "
                    "semitones",
                    p.pitchNoise, 0, 1),
      switchSetting("transpose", "Transpose", "Moves every example to a random key", p.transpose)};
  if (!p.published()) {
    out.push_back(numberSetting("dropout", "Dropout", "Share of a layer that a step leaves out",
                                p.dropout, 0, 0.9));
    out.push_back(
        integerSetting("hidden", "Width", "Units of each recurrent layer", p.hidden, 8, 1024));
    out.push_back(integerSetting("head", "Head", "Width of the layer that chooses the cells",
                                 p.head, 8, 1024));
    return out;
  }
  out.push_back(choiceSetting("loss", "Loss", "What a wrong column costs",
                              {{"squares", "Squared error"},
                               {"noise-suppressing", "Noise-suppressing"},
                               {"classes", "Cross-entropy of silent, onset, sustained"}}));
  if (p.seq2seq()) {
    out.push_back(choiceSetting("out", "Columns out", "How many columns one pass writes",
                                {{"10", "10"}, {"100", "100"}}));
    out.push_back(switchSetting("bidirectional", "Both directions",
                                "The encoder reads the roll forwards and backwards",
                                p.bidirectional));
  }
  return out;
}

void setRollSettings(RollPreset& p, const SettingValues& s) {
  p.batch = s.integer("batch");
  p.unitsPerColumn = s.choice("columns") == "seconds" ? 0 : kUnitsPerSixteenth;
  p.pitchNoise = s.number("pitch-noise");
  p.transpose = s.on("transpose");
  if (!p.published()) {
    p.dropout = s.number("dropout");
    p.hidden = s.integer("hidden");
    p.head = s.integer("head");
    return;
  }
  const std::string& loss = s.choice("loss");
  p.loss = loss == "classes"             ? RollLossKind::kClasses
           : loss == "noise-suppressing" ? RollLossKind::kNoiseSuppressing
                                         : RollLossKind::kSquares;
  p.classes = p.loss == RollLossKind::kClasses ? 3 : 1;
  if (p.seq2seq()) {
    p.out = s.choice("out") == "10" ? 10 : 100;
    p.bidirectional = s.on("bidirectional");
  }
}

std::string rollConfig(const RollPreset& p) {
  return nlohmann::ordered_json{{"units_per_column", p.unitsPerColumn},
                                {"classes", p.classes},
                                {"bidirectional", p.bidirectional ? 1 : 0},
                                {"hidden", p.hidden},
                                {"encoder", p.encoder},
                                {"head", p.head},
                                {"out", p.out}}
      .dump();
}

std::string rollVocabulary(const RollPreset& p) {
  nlohmann::ordered_json j{{"encoding", "roll"}, {"lowest", kRollLowest}, {"keys", kRollKeys}};
  if (p.unitsPerColumn == 0) {
    j["seconds_per_column"] = kColumnSeconds;
  } else {
    j["units_per_quarter"] = kUnitsPerQuarter;
    j["units_per_column"] = p.unitsPerColumn;
  }
  return j.dump();
}

Result<RollPreset> rollCheckpoint(const TensorFile& file) {
  auto preset = rollPresetNamed(metadataOf(file, "family"), metadataOf(file, "preset"));
  if (!preset) return preset;
  int bidirectional = 0;
  const bool published = preset->published();
  const auto sizes = sizesOfConfig(metadataOf(file, "config"),
                                   {{"units_per_column", &preset->unitsPerColumn, 0, 96},
                                    {"classes", &preset->classes, published ? 1 : 3, 3},
                                    {"bidirectional", &bidirectional, 0, 1},
                                    {"hidden", &preset->hidden, 2, 4096},
                                    {"encoder", &preset->encoder, 0, 4096},
                                    {"head", &preset->head, published ? 0 : 1, 4096},
                                    {"out", &preset->out, 1, 1024}});
  if (!sizes) return fail(sizes.error().message);
  preset->bidirectional = bidirectional == 1;
  if (preset->classes == 2) return fail("its configuration has no good \"classes\"");
  if (auto whole = checkTensors(file, rollTensors(*preset)); !whole) {
    return fail(whole.error().message);
  }
  return preset;
}

TensorShapes rollTensors(const RollPreset& p) {
  return p.published() ? publishedTensors(p) : improvedTensors(p);
}

}  // namespace incipit
