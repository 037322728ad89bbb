#include "ui/actions/clipboard.h"

#include <QApplication>
#include <QClipboard>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <memory>

#include "core/io/midi_file.h"

namespace incipit {
namespace {

constexpr int kLargestPpq = 32767 * 960;

QByteArray clipMidi(const Document& document, const NoteClip& clip) {
  Document d = newDocument();
  d.ppq = clip.ppq;
  d.division = clip.ppq;
  d.tempo = TempoMap(clip.ppq, {{Tick{0}, document.tempo.at(Tick{0}).microsPerQuarter}});
  d.meter = MeterMap(clip.ppq, {});
  const NoteEdit edit = addNotes(d, d.tracks.front()->id, clip.notes);
  const std::vector<std::uint8_t> bytes = writeMidi(edit.document, 0);
  return {reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size())};
}

std::optional<NoteClip> clipFromMidi(const QByteArray& bytes) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.constData());
  const auto import = readMidi({data, static_cast<std::size_t>(bytes.size())});
  if (!import) return {};
  for (const TrackPtr& track : import->document.tracks) {
    if (track->notes.empty()) continue;
    const std::vector<Note> notes = track->notes.toVector();
    return copyClip(import->document, notes);
  }
  return {};
}

}  // namespace

QByteArray clipJson(const NoteClip& clip) {
  QJsonArray notes;
  for (const Note& n : clip.notes) {
    notes.append(QJsonArray{static_cast<qint64>(n.start.count), static_cast<qint64>(n.length.count),
                            n.pitch, n.velocity, n.releaseVelocity, n.locked ? 1 : 0});
  }
  const QJsonObject root{{"format", 1},
                         {"ppq", clip.ppq},
                         {"length", static_cast<qint64>(clip.length.count)},
                         {"notes", notes}};
  return QJsonDocument(root).toJson(QJsonDocument::Compact);
}

std::optional<NoteClip> clipFromJson(const QByteArray& json) {
  const QJsonObject root = QJsonDocument::fromJson(json).object();
  if (root["format"].toInt() != 1) return {};
  NoteClip clip;
  clip.ppq = root["ppq"].toInt();
  if (clip.ppq < 1 || clip.ppq > kLargestPpq) return {};
  for (const QJsonValue& value : root["notes"].toArray()) {
    const QJsonArray fields = value.toArray();
    const qint64 start = fields.at(0).toInteger(-1);
    const qint64 length = fields.at(1).toInteger(0);
    const int pitch = fields.at(2).toInt(-1);
    const int velocity = fields.at(3).toInt(-1);
    const int release = fields.at(4).toInt(-1);
    const bool sound = start >= 0 && start <= kLastTick.count && length >= 1 &&
                       length <= kLastTick.count && pitch >= 0 && pitch <= 127 && velocity >= 1 &&
                       velocity <= 127 && release >= 0 && release <= 127;
    if (!sound) return {};
    Note n;
    n.start = {start};
    n.length = {length};
    n.pitch = static_cast<std::uint8_t>(pitch);
    n.velocity = static_cast<std::uint8_t>(velocity);
    n.releaseVelocity = static_cast<std::uint8_t>(release);
    n.locked = fields.at(5).toInt() != 0;
    clip.length = std::max(clip.length, n.end() - Tick{0});
    clip.notes.push_back(n);
  }
  if (clip.notes.empty()) return {};
  return clip;
}

void putOnClipboard(const Document& document, std::span<const Note> notes) {
  if (notes.empty()) return;
  const NoteClip clip = copyClip(document, notes);
  auto data = std::make_unique<QMimeData>();
  data->setData(kNotesMimeType, clipJson(clip));
  data->setData(kMidiMimeType, clipMidi(document, clip));
  QApplication::clipboard()->setMimeData(data.release());
}

std::optional<NoteClip> clipFrom(const QMimeData* data) {
  if (data == nullptr) return {};
  if (data->hasFormat(kNotesMimeType)) return clipFromJson(data->data(kNotesMimeType));
  if (data->hasFormat(kMidiMimeType)) return clipFromMidi(data->data(kMidiMimeType));
  return {};
}

std::optional<NoteClip> clipOnClipboard() {
  return clipFrom(QApplication::clipboard()->mimeData());
}

}  // namespace incipit
