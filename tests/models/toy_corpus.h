// A small corpus with something to learn: scales up and down in random keys, on disk as MIDI files.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/compose/engine.h"
#include "core/compose/safetensors_header.h"
#include "core/io/midi_file.h"
#include "core/rng.h"
#include "models/checkpoint.h"
#include "models/family.h"
#include "models/frame_presets.h"

namespace incipit {

inline Document toyPiece(std::uint64_t seed, int notes) {
  Rng rng(seed);
  Document d = newDocument();
  auto track = std::make_shared<Track>(*d.tracks.front());
  const int key = 55 + static_cast<int>(rng.below(12));
  const int step = rng.below(2) == 0 ? 960 : 480;
  constexpr int kScale[14] = {0, 2, 4, 5, 7, 9, 11, 12, 11, 9, 7, 5, 4, 2};
  std::vector<Note> list;
  for (int i = 0; i < notes; ++i) {
    Note n;
    n.start = {std::int64_t{i} * step};
    n.length = {step};
    n.pitch = static_cast<std::uint8_t>(key + kScale[i % 14]);
    n.id = d.nextNoteId++;
    list.push_back(n);
  }
  track->notes = NoteList(std::move(list));
  d.tracks.front() = std::move(track);
  return d;
}

inline void writeToyCorpus(const std::filesystem::path& folder, int pieces = 40) {
  std::filesystem::create_directories(folder);
  for (int i = 0; i < pieces; ++i) {
    const auto written = writeMidiFile(toyPiece(static_cast<std::uint64_t>(i), 60 + i),
                                       folder / ("toy" + std::to_string(i) + ".mid"));
    if (!written) qFatal("%s", written.error().message.c_str());
  }
}

// A file of the family note-lstm, checked whole.
inline Result<LoadedCheckpoint> noteCheckpointAt(const std::filesystem::path& file) {
  auto read = readCheckpoint(file);
  if (!read) return fail(read.error().message);
  return noteCheckpoint(std::move(read->file));
}

// A checkpoint of random weights: valid, untrained.
inline void writeRandomTensors(const std::filesystem::path& file, const TensorShapes& shapes,
                               std::map<std::string, std::string> metadata) {
  Rng rng(42);
  TensorFile content;
  for (const auto& [name, shape] : shapes) {
    NamedTensor t{name, shape, {}};
    std::int64_t n = 1;
    for (const std::int64_t s : shape) n *= s;
    for (std::int64_t i = 0; i < n; ++i) {
      t.values.push_back(static_cast<float>(0.4 * rng.uniform() - 0.2));
    }
    content.tensors.push_back(std::move(t));
  }
  content.metadata = std::move(metadata);
  content.metadata["format"] = kCheckpointFormat;
  const auto written = writeTensors(file, content);
  if (!written) qFatal("%s", written.error().message.c_str());
}

// Of note-lstm, small enough to be quick.
inline void writeRandomCheckpoint(const std::filesystem::path& file, const std::string& presetName,
                                  int hidden = 0) {
  NotePreset preset = *presetNamed(presetName);
  if (hidden > 0) {
    preset.hidden = hidden;
    if (!preset.published()) preset.embedding = preset.head = hidden / 2;
  }
  writeRandomTensors(file, expectedTensors(preset),
                     {{"family", kNoteLstm},
                      {"preset", presetName},
                      {"config", presetConfig(preset)},
                      {"vocabulary", vocabularyJson(preset)}});
}

// Of a frame family; a frame is a sixteenth.
inline void writeRandomFrameCheckpoint(const std::filesystem::path& file, FramePreset preset) {
  preset.hidden = 24;
  preset.head = 16;
  preset.layers = 2;
  writeRandomTensors(
      file, frameTensors(preset),
      {{"family", preset.family}, {"preset", preset.name}, {"config", frameConfig(preset)}});
}

// A set of frames, as JSON: chords that go round in a few ways.
inline void writeToyFrames(const std::filesystem::path& file) {
  std::ofstream out(file);
  out << "{";
  for (const auto& [split, pieces] : {std::pair{"train", 12}, {"valid", 4}, {"test", 4}}) {
    out << (out.tellp() > 1 ? "," : "") << '"' << split << "\":[";
    for (int p = 0; p < pieces; ++p) {
      const int root = 48 + 2 * (p % 3);
      out << (p > 0 ? ",[" : "[");
      for (int f = 0; f < 30 + p; ++f) {
        const int bass = root + (f / 2 % 4 == 2 ? 5 : f / 2 % 4 == 3 ? 7 : 0);
        out << (f > 0 ? ",[" : "[") << bass << ',' << bass + 4 << ',' << bass + 7 << ']';
      }
      out << ']';
    }
    out << ']';
  }
  out << "}";
}

struct QuietTrainSink : TrainSink {
  std::vector<TrainPoint> points;
  std::vector<std::string> messages;
  void message(const std::string& line) override { messages.push_back(line); }
  void point(const TrainPoint& p) override { points.push_back(p); }
  std::vector<double> validation() const {
    std::vector<double> out;
    for (const TrainPoint& p : points) {
      if (p.validationLoss) out.push_back(*p.validationLoss);
    }
    return out;
  }
};

}  // namespace incipit
