// Times, lengths and pitches as text: what the inline property strip shows and reads, and what a
// screen reader says. Pure.
#pragma once

#include <QString>
#include <optional>

#include "core/score/document.h"

namespace incipit {

// "3.2.120": bar and beat from 1, ticks of the beat from 0. Reading takes "3", "3.2" and "3.2.120".
QString positionText(Tick t, const MeterMap& meter);
std::optional<Tick> parsePosition(const QString& text, const MeterMap& meter);

// "1/8", "3/16", "1/4." (dotted), "1/8t" (triplet), else a number of ticks. Reading takes all of
// them, for any length of at least one tick.
QString lengthText(TickDelta length, int ppq);
std::optional<TickDelta> parseLength(const QString& text, int ppq);

// "C#4", "bb3", "Eb5" or a MIDI number, 0..127.
std::optional<int> parsePitch(const QString& text);
// A whole number in 1..127.
std::optional<int> parseVelocity(const QString& text);

// "bar 3.2": for the status bar.
QString barText(Tick t, const MeterMap& meter);
// "C sharp 4, bar 3 beat 2, one eighth, velocity 90".
QString spokenNote(const Note& n, const Document& d);

}  // namespace incipit
