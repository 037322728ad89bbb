#include "core/score/document.h"

#include <array>

namespace incipit {

bool Track::operator==(const Track& o) const {
  if (id != o.id || name != o.name || program != o.program || channel != o.channel ||
      volume != o.volume || pan != o.pan || mute != o.mute || solo != o.solo ||
      colour != o.colour || output != o.output || raw != o.raw || lanes.size() != o.lanes.size() ||
      !(notes == o.notes)) {
    return false;
  }
  if (played != o.played && (!played || !o.played || *played != *o.played)) return false;
  for (auto a = lanes.begin(), b = o.lanes.begin(); a != lanes.end(); ++a, ++b) {
    if (a->first != b->first || *a->second != *b->second) return false;
  }
  return true;
}

TickDelta Track::playedOffset(NoteId id) const {
  if (played == nullptr) return {0};
  const auto it = played->find(id);
  return it == played->end() ? TickDelta{0} : it->second;
}

const Track* Document::track(TrackId id) const {
  for (const TrackPtr& t : tracks) {
    if (t->id == id) return t.get();
  }
  return nullptr;
}

std::size_t Document::noteCount() const {
  std::size_t n = 0;
  for (const TrackPtr& t : tracks) n += t->notes.size();
  return n;
}

Tick Document::end() const {
  Tick latest{0};
  for (const TrackPtr& t : tracks) latest = std::max(latest, t->notes.latestEnd());
  return latest;
}

bool Document::operator==(const Document& o) const {
  if (ppq != o.ppq || division != o.division || !(tempo == o.tempo) || !(meter == o.meter) ||
      keys != o.keys || markers != o.markers || raw != o.raw || regions != o.regions ||
      nextNoteId != o.nextNoteId || nextTrackId != o.nextTrackId ||
      unknownFields != o.unknownFields || tracks.size() != o.tracks.size()) {
    return false;
  }
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    if (tracks[i] != o.tracks[i] && !(*tracks[i] == *o.tracks[i])) return false;
  }
  return true;
}

Document newDocument() {
  Document d;
  auto t = std::make_shared<Track>();
  t->id = d.nextTrackId++;
  t->name = "Piano";
  t->colour = trackColour(0);
  d.tracks.push_back(std::move(t));
  return d;
}

std::uint32_t trackColour(std::size_t index) {
  // Distinguishable under deuteranopia: hue alternates with lightness.
  constexpr std::array<std::uint32_t, 8> kColours = {0x4C8DFF, 0xF2A33A, 0x37B6A5, 0xE0609A,
                                                     0x9B7BF0, 0xC9C23B, 0x6CC5F5, 0xE8745A};
  return kColours[index % kColours.size()];
}

const char* generalMidiName(int program) {
  static constexpr std::array<const char*, 128> kNames = {"Acoustic Grand Piano",
                                                          "Bright Acoustic Piano",
                                                          "Electric Grand Piano",
                                                          "Honky-tonk Piano",
                                                          "Electric Piano 1",
                                                          "Electric Piano 2",
                                                          "Harpsichord",
                                                          "Clavinet",
                                                          "Celesta",
                                                          "Glockenspiel",
                                                          "Music Box",
                                                          "Vibraphone",
                                                          "Marimba",
                                                          "Xylophone",
                                                          "Tubular Bells",
                                                          "Dulcimer",
                                                          "Drawbar Organ",
                                                          "Percussive Organ",
                                                          "Rock Organ",
                                                          "Church Organ",
                                                          "Reed Organ",
                                                          "Accordion",
                                                          "Harmonica",
                                                          "Tango Accordion",
                                                          "Acoustic Guitar (nylon)",
                                                          "Acoustic Guitar (steel)",
                                                          "Electric Guitar (jazz)",
                                                          "Electric Guitar (clean)",
                                                          "Electric Guitar (muted)",
                                                          "Overdriven Guitar",
                                                          "Distortion Guitar",
                                                          "Guitar Harmonics",
                                                          "Acoustic Bass",
                                                          "Electric Bass (finger)",
                                                          "Electric Bass (pick)",
                                                          "Fretless Bass",
                                                          "Slap Bass 1",
                                                          "Slap Bass 2",
                                                          "Synth Bass 1",
                                                          "Synth Bass 2",
                                                          "Violin",
                                                          "Viola",
                                                          "Cello",
                                                          "Contrabass",
                                                          "Tremolo Strings",
                                                          "Pizzicato Strings",
                                                          "Orchestral Harp",
                                                          "Timpani",
                                                          "String Ensemble 1",
                                                          "String Ensemble 2",
                                                          "Synth Strings 1",
                                                          "Synth Strings 2",
                                                          "Choir Aahs",
                                                          "Voice Oohs",
                                                          "Synth Voice",
                                                          "Orchestra Hit",
                                                          "Trumpet",
                                                          "Trombone",
                                                          "Tuba",
                                                          "Muted Trumpet",
                                                          "French Horn",
                                                          "Brass Section",
                                                          "Synth Brass 1",
                                                          "Synth Brass 2",
                                                          "Soprano Sax",
                                                          "Alto Sax",
                                                          "Tenor Sax",
                                                          "Baritone Sax",
                                                          "Oboe",
                                                          "English Horn",
                                                          "Bassoon",
                                                          "Clarinet",
                                                          "Piccolo",
                                                          "Flute",
                                                          "Recorder",
                                                          "Pan Flute",
                                                          "Blown Bottle",
                                                          "Shakuhachi",
                                                          "Whistle",
                                                          "Ocarina",
                                                          "Lead 1 (square)",
                                                          "Lead 2 (sawtooth)",
                                                          "Lead 3 (calliope)",
                                                          "Lead 4 (chiff)",
                                                          "Lead 5 (charang)",
                                                          "Lead 6 (voice)",
                                                          "Lead 7 (fifths)",
                                                          "Lead 8 (bass + lead)",
                                                          "Pad 1 (new age)",
                                                          "Pad 2 (warm)",
                                                          "Pad 3 (polysynth)",
                                                          "Pad 4 (choir)",
                                                          "Pad 5 (bowed)",
                                                          "Pad 6 (metallic)",
                                                          "Pad 7 (halo)",
                                                          "Pad 8 (sweep)",
                                                          "FX 1 (rain)",
                                                          "FX 2 (soundtrack)",
                                                          "FX 3 (crystal)",
                                                          "FX 4 (atmosphere)",
                                                          "FX 5 (brightness)",
                                                          "FX 6 (goblins)",
                                                          "FX 7 (echoes)",
                                                          "FX 8 (sci-fi)",
                                                          "Sitar",
                                                          "Banjo",
                                                          "Shamisen",
                                                          "Koto",
                                                          "Kalimba",
                                                          "Bagpipe",
                                                          "Fiddle",
                                                          "Shanai",
                                                          "Tinkle Bell",
                                                          "Agogo",
                                                          "Steel Drums",
                                                          "Woodblock",
                                                          "Taiko Drum",
                                                          "Melodic Tom",
                                                          "Synth Drum",
                                                          "Reverse Cymbal",
                                                          "Guitar Fret Noise",
                                                          "Breath Noise",
                                                          "Seashore",
                                                          "Bird Tweet",
                                                          "Telephone Ring",
                                                          "Helicopter",
                                                          "Applause",
                                                          "Gunshot"};
  return program >= 0 && program < 128 ? kNames[static_cast<std::size_t>(program)] : "";
}

std::string pitchName(int pitch) {
  static constexpr std::array<const char*, 12> kNames = {"C",  "C#", "D",  "D#", "E",  "F",
                                                         "F#", "G",  "G#", "A",  "A#", "B"};
  return kNames[static_cast<std::size_t>(pitch % 12)] + std::to_string(pitch / 12 - 1);
}

}  // namespace incipit
