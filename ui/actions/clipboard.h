// Notes on the system's clipboard, between windows and programs: our own JSON (ticks, resolution
// and every property) and, beside it, a Standard MIDI File for other programs.
//
// Thread safety: GUI thread only.
#pragma once

#include <QByteArray>
#include <QMimeData>
#include <optional>

#include "core/edit/edits.h"

namespace incipit {

inline constexpr const char* kNotesMimeType = "application/x-incipit-notes+json";
inline constexpr const char* kMidiMimeType = "audio/midi";

// {"format": 1, "ppq": 960, "length": ticks, "notes": [[start, length, pitch, velocity, release,
// locked], ...]}
QByteArray clipJson(const NoteClip& clip);
// Nothing for what is not ours or breaks the invariants of a note.
std::optional<NoteClip> clipFromJson(const QByteArray& json);

void putOnClipboard(const Document& document, std::span<const Note> notes);
// Ours, else the first track with notes of a MIDI file; nothing where the clipboard has neither.
std::optional<NoteClip> clipFrom(const QMimeData* data);
std::optional<NoteClip> clipOnClipboard();

}  // namespace incipit
