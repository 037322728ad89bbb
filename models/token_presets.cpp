#include "models/token_presets.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "models/token_features.h"

namespace incipit {

Result<TokenPreset> tokenPresetNamed(const std::string& family, const std::string& name) {
  TokenPreset p;
  p.family = family;
  p.name = name.empty() ? "published" : name;
  if (p.published()) {
    if (!p.lstm()) {
      p.hidden = 64;
      p.layers = 3;
      p.embedding = 100;
      p.length = 32;
      p.dropout = 0.2;
    }
    return p;
  }
  if (p.name != "improved") {
    return fail(fmt::format("{} has no preset \"{}\": use published or improved", family, name));
  }
  p.hidden = p.lstm() ? 144 : 80;
  p.layers = p.lstm() ? 2 : 10;
  p.head = 64;
  p.mostWords = 2500;
  p.window = p.lstm() ? 128 : 768;
  p.dropout = 0.1;
  p.augment = true;
  p.batch = p.lstm() ? 24 : 3;
  p.epochs = 12;
  p.examples = p.lstm() ? 1'600 : 220;
  return p;
}

std::int64_t receptiveField(int kernel, int layers, int growth) {
  std::int64_t field = 1;
  std::int64_t dilation = 1;
  for (int i = 0; i < layers; ++i) {
    field += (kernel - 1) * dilation;
    dilation *= growth;
  }
  return field;
}

std::int64_t receptiveField(const TokenPreset& p) {
  if (p.published()) return p.length;
  return p.lstm() ? 0 : receptiveField(2, p.layers, 2);
}

std::string tokenConfig(const TokenPreset& p) {
  return nlohmann::ordered_json{{"hidden", p.hidden},       {"layers", p.layers},
                                {"embedding", p.embedding}, {"head", p.head},
                                {"words", p.words},         {"length", p.length}}
      .dump();
}

Result<TokenCheckpoint> tokenCheckpoint(const TensorFile& file) {
  auto preset = tokenPresetNamed(metadataOf(file, "family"), metadataOf(file, "preset"));
  if (!preset) return fail(preset.error().message);
  const TokenPreset named = *preset;
  constexpr int kMost = 4096;
  const bool pooled = named.published() && !named.lstm();
  const int layers = named.published() ? named.layers : 16;
  const auto sizes = sizesOfConfig(
      metadataOf(file, "config"),
      {{"hidden", &preset->hidden, 1, kMost},
       {"layers", &preset->layers, named.published() ? layers : 1, layers},
       {"embedding", &preset->embedding, pooled ? 1 : 0, pooled ? kMost : 0},
       {"head", &preset->head, named.published() ? 0 : 1, named.published() ? 0 : kMost},
       {"words", &preset->words, ChordVocabulary::kFirstWord + 1, 1 << 20},
       {"length", &preset->length, 1, kMost}});
  if (!sizes) return fail(sizes.error().message);
  if (pooled && preset->length % (1 << preset->layers) != 0) {
    return fail("its configuration has no good \"length\"");
  }
  auto vocabulary = ChordVocabulary::fromJson(metadataOf(file, "vocabulary"));
  if (!vocabulary) return fail(vocabulary.error().message);
  if (vocabulary->size() != preset->words || vocabulary->options().spelling != preset->spelling()) {
    return fail("its vocabulary is not that of its configuration");
  }
  if (auto whole = checkTensors(file, tokenTensors(*preset)); !whole) {
    return fail(whole.error().message);
  }
  return TokenCheckpoint{std::move(*preset), std::move(*vocabulary)};
}

namespace {

void appendLstm(const std::string& name, std::int64_t in, std::int64_t hidden, TensorShapes& out) {
  out.push_back({name + ".input", {4 * hidden, in}});
  out.push_back({name + ".recurrent", {4 * hidden, hidden}});
  out.push_back({name + ".bias", {4 * hidden}});
}

void appendDense(const std::string& name, std::int64_t in, std::int64_t outs, TensorShapes& out) {
  out.push_back({name + ".weight", {outs, in}});
  out.push_back({name + ".bias", {outs}});
}

TensorShapes publishedTensors(const TokenPreset& p) {
  TensorShapes out;
  const std::int64_t classes = p.words - ChordVocabulary::kFirstWord;
  std::int64_t width = p.embedding;
  if (!p.lstm()) out.push_back({"embedding", {classes, p.embedding}});
  for (int i = 0; i < p.layers; ++i) {
    if (p.lstm()) {
      appendLstm(fmt::format("lstm{}", i + 1), i == 0 ? 1 : p.hidden, p.hidden, out);
      width = p.hidden;
    } else {
      appendDense(fmt::format("convolution{}", i + 1), kPublishedKernel * width, p.filters(i), out);
      width = p.filters(i);
    }
  }
  appendDense("dense", width, p.dense(), out);
  appendDense("out", p.dense(), classes, out);
  return out;
}

}  // namespace

TensorShapes tokenTensors(const TokenPreset& p) {
  if (p.published()) return publishedTensors(p);
  const std::int64_t h = p.hidden;
  const std::int64_t k = p.head;
  TensorShapes out{{"embedding", {p.words + TokenRows::kRows, h}}};
  for (int i = 1; i <= p.layers; ++i) {
    if (p.lstm()) {
      appendLstm(fmt::format("lstm{}", i), h, h, out);
    } else {
      const std::string name = fmt::format("block{}.", i);
      out.push_back({name + "gates", {2 * h, 2 * h}});
      out.push_back({name + "gates_bias", {2 * h}});
      out.push_back({name + "out", {2 * h, h}});
      out.push_back({name + "out_bias", {2 * h}});
    }
  }
  appendDense("heads", h, h + 2 * k, out);
  out.push_back({"word.given", {TokenGivenRows::kWordRows, h}});
  out.push_back({"length.given", {TokenGivenRows::kRows, k}});
  out.push_back({"word.bias", {p.words}});
  appendDense("favour", h, kTokenProposals, out);
  appendDense("step", k, kStepAnswers, out);
  appendDense("length", k, kDurationBins, out);
  return out;
}

}  // namespace incipit
