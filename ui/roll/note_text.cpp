#include "ui/roll/note_text.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <array>
#include <numeric>

namespace incipit {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("NoteText", text); }

struct NamedLength {
  int numerator;
  int denominator;  // of a whole note
  const char* text;
  const char* spoken;
};

constexpr std::array kLengths = {
    NamedLength{1, 1, "1/1", "one whole"},
    NamedLength{3, 2, "1/1.", "one dotted whole"},
    NamedLength{1, 2, "1/2", "one half"},
    NamedLength{3, 4, "1/2.", "one dotted half"},
    NamedLength{1, 3, "1/2t", "one half triplet"},
    NamedLength{1, 4, "1/4", "one quarter"},
    NamedLength{3, 8, "1/4.", "one dotted quarter"},
    NamedLength{1, 6, "1/4t", "one quarter triplet"},
    NamedLength{1, 8, "1/8", "one eighth"},
    NamedLength{3, 16, "1/8.", "one dotted eighth"},
    NamedLength{1, 12, "1/8t", "one eighth triplet"},
    NamedLength{1, 16, "1/16", "one sixteenth"},
    NamedLength{3, 32, "1/16.", "one dotted sixteenth"},
    NamedLength{1, 24, "1/16t", "one sixteenth triplet"},
    NamedLength{1, 32, "1/32", "one thirty-second"},
    NamedLength{1, 48, "1/32t", "one thirty-second triplet"},
    NamedLength{1, 64, "1/64", "one sixty-fourth"},
};

const NamedLength* named(TickDelta length, int ppq) {
  for (const NamedLength& l : kLengths) {
    if (length.count * l.denominator == std::int64_t{ppq} * 4 * l.numerator) return &l;
  }
  return nullptr;
}

}  // namespace

QString positionText(Tick t, const MeterMap& meter) {
  const BarBeat b = meter.barBeat(std::max(t, Tick{0}));
  return QStringLiteral("%1.%2.%3").arg(b.bar + 1).arg(b.beat + 1).arg(b.offset.count);
}

std::optional<Tick> parsePosition(const QString& text, const MeterMap& meter) {
  static const QRegularExpression form(
      QStringLiteral(R"(^\s*(\d{1,9})(?:[.:](\d{1,4}))?(?:[.:](\d{1,9}))?\s*$)"));
  const auto m = form.match(text);
  if (!m.hasMatch()) return std::nullopt;
  const std::int64_t bar = m.captured(1).toLongLong();
  const std::int64_t beat = m.captured(2).isEmpty() ? 1 : m.captured(2).toLongLong();
  const std::int64_t ticks = m.captured(3).toLongLong();
  if (bar < 1 || beat < 1) return std::nullopt;
  const Tick start = meter.barStart(bar - 1);
  const MeterChange& here = meter.at(start);
  const TickDelta beatLength = meter.beatLength(here);
  if (beat > here.numerator || ticks >= beatLength.count) return std::nullopt;
  return start + beatLength * (beat - 1) + TickDelta{ticks};
}

QString lengthText(TickDelta length, int ppq) {
  if (const NamedLength* l = named(length, ppq)) return QString::fromLatin1(l->text);
  const std::int64_t whole = std::int64_t{ppq} * 4;
  const std::int64_t common = std::gcd(length.count, whole);
  if (whole / common <= 64)
    return QStringLiteral("%1/%2").arg(length.count / common).arg(whole / common);
  return QString::number(length.count);
}

std::optional<TickDelta> parseLength(const QString& text, int ppq) {
  static const QRegularExpression form(
      QStringLiteral(R"(^\s*(\d{1,9})(?:/(\d{1,4})([.tT]?))?\s*$)"));
  const auto m = form.match(text);
  if (!m.hasMatch()) return std::nullopt;
  std::int64_t ticks = m.captured(1).toLongLong();
  if (!m.captured(2).isEmpty()) {
    const std::int64_t parts = m.captured(2).toLongLong();
    if (parts == 0) return std::nullopt;
    std::int64_t over = parts;
    std::int64_t up = ticks * ppq * 4;
    if (m.captured(3) == QLatin1String(".")) {
      up *= 3;
      over *= 2;
    } else if (!m.captured(3).isEmpty()) {
      up *= 2;
      over *= 3;
    }
    ticks = (up + over / 2) / over;
  }
  return ticks < 1 ? std::nullopt : std::optional(TickDelta{ticks});
}

std::optional<int> parsePitch(const QString& text) {
  static const QRegularExpression name(QStringLiteral(R"(^\s*([A-Ga-g])([#b♯♭]?)(-?\d)\s*$)"));
  const auto m = name.match(text);
  int pitch = 0;
  if (m.hasMatch()) {
    constexpr std::array kFromA = {9, 11, 0, 2, 4, 5, 7};
    const int letter = m.captured(1).toUpper().at(0).unicode() - 'A';
    const QString sign = m.captured(2);
    const bool sharp = sign == QLatin1String("#") || sign == QString::fromUtf8("♯");
    pitch = (m.captured(3).toInt() + 1) * 12 + kFromA[static_cast<std::size_t>(letter)] +
            (sign.isEmpty() ? 0 : (sharp ? 1 : -1));
  } else {
    bool ok = false;
    pitch = text.trimmed().toInt(&ok);
    if (!ok) return std::nullopt;
  }
  if (pitch < kLowestPitch || pitch > kHighestPitch) return std::nullopt;
  return pitch;
}

std::optional<int> parseVelocity(const QString& text) {
  bool ok = false;
  const int v = text.trimmed().toInt(&ok);
  return ok && v >= 1 && v <= 127 ? std::optional(v) : std::nullopt;
}

QString barText(Tick t, const MeterMap& meter) {
  const BarBeat b = meter.barBeat(std::max(t, Tick{0}));
  return tr("bar %1.%2").arg(b.bar + 1).arg(b.beat + 1);
}

QString spokenNote(const Note& n, const Document& d) {
  const BarBeat b = d.meter.barBeat(std::max(n.start, Tick{0}));
  QString name = QString::fromStdString(pitchName(n.pitch));
  name.replace(QLatin1String("#"), tr(" sharp "));
  if (!name.contains(QLatin1Char(' '))) name.insert(1, QLatin1Char(' '));
  const NamedLength* known = named(n.length, d.ppq);
  const double quarters = static_cast<double>(n.length.count) / d.ppq;
  const QString length = known != nullptr
                             ? tr(known->spoken)
                             : tr("%1 quarters").arg(QString::number(quarters, 'g', 3));
  return tr("%1, bar %2 beat %3, %4, velocity %5")
      .arg(name)
      .arg(b.bar + 1)
      .arg(b.beat + 1)
      .arg(length)
      .arg(n.velocity);
}

}  // namespace incipit
