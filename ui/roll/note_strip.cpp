#include "ui/roll/note_strip.h"

#include <QApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>

#include "ui/roll/note_text.h"
#include "ui/theme/theme.h"

namespace incipit {

NoteStrip::NoteStrip(Session& session, const Note& note, QWidget* parent)
    : QFrame(parent), session_(session), note_(note) {
  setObjectName(QStringLiteral("noteStrip"));
  setCursor(Qt::ArrowCursor);
  setStyleSheet(QStringLiteral("#noteStrip { background: %1; border: 1px solid %2; "
                               "border-radius: 5px; }")
                    .arg(theme().raised.name(), theme().accent.name()));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(8, 5, 8, 5);
  row->setSpacing(5);
  const Document& d = *session_.document();
  start_ = field("noteStart", tr("Start"), positionText(note.start, d.meter), 9);
  length_ = field("noteLength", tr("Length"), lengthText(note.length, d.ppq), 6);
  pitch_ = field("notePitch", tr("Pitch"), QString::fromStdString(pitchName(note.pitch)), 4);
  velocity_ = field("noteVelocity", tr("Velocity"), QString::number(note.velocity), 4);
  connect(&session_, &Session::documentChanged, this, &NoteStrip::leave);
  connect(&session_, &Session::documentLoaded, this, &NoteStrip::leave);
  connect(&session_, &Session::activeTrackChanged, this, &NoteStrip::leave);
}

QLineEdit* NoteStrip::field(const char* name, const QString& label, const QString& text,
                            int characters) {
  auto* edit = new QLineEdit(text, this);
  edit->setObjectName(QString::fromLatin1(name));
  edit->setFixedWidth(fontMetrics().horizontalAdvance(QLatin1Char('0')) * characters + 18);
  edit->installEventFilter(this);
  auto* caption = new QLabel(label, this);
  caption->setBuddy(edit);
  layout()->addWidget(caption);
  layout()->addWidget(edit);
  return edit;
}

void NoteStrip::showBeside(const QRectF& note) {
  adjustSize();
  const QRect room = parentWidget()->rect().adjusted(4, 4, -4, -4);
  QRect box(QPoint(static_cast<int>(note.left()), static_cast<int>(note.bottom()) + 6), size());
  if (box.bottom() > room.bottom()) box.moveBottom(static_cast<int>(note.top()) - 6);
  box.moveRight(std::min(box.right(), room.right()));
  box.moveLeft(std::max(box.left(), room.left()));
  box.moveTop(std::max(box.top(), room.top()));
  move(box.topLeft());
  show();
  raise();
  pitch_->setFocus(Qt::PopupFocusReason);
  pitch_->selectAll();
}

bool NoteStrip::accept() {
  const Document& d = *session_.document();
  const auto start = parsePosition(start_->text(), d.meter);
  const auto length = parseLength(length_->text(), d.ppq);
  const auto pitch = parsePitch(pitch_->text());
  const auto velocity = parseVelocity(velocity_->text());
  QLineEdit* wrong = nullptr;
  const auto mark = [&](QLineEdit* edit, bool good, const QString& wanted) {
    edit->setStyleSheet(good ? QString()
                             : QStringLiteral("border: 1px solid %1").arg(theme().danger.name()));
    edit->setToolTip(good ? QString() : wanted);
    if (!good && wrong == nullptr) wrong = edit;
  };
  mark(start_, start.has_value(), tr("Bar, beat and ticks, as 3.2.0"));
  mark(length_, length.has_value(), tr("A note value as 1/8, 1/4. or 1/8t, or a number of ticks"));
  mark(pitch_, pitch.has_value(), tr("A name as C#4, or a number from 0 to 127"));
  mark(velocity_, velocity.has_value(), tr("A number from 1 to 127"));
  if (wrong != nullptr) {
    wrong->setFocus();
    wrong->selectAll();
    return false;
  }
  Note after = note_;
  after.start = *start;
  after.length = *length;
  after.pitch = static_cast<std::uint8_t>(*pitch);
  after.velocity = static_cast<std::uint8_t>(*velocity);
  Session& session = session_;
  const Note before = note_;
  leave();  // the commit would close it, too
  if (after != before) {
    session.commit(tr("Edit note"),
                   replaceNotes(d, session.activeTrack(), std::span(&before, 1), {after}));
  }
  return true;
}

void NoteStrip::leave() {
  disconnect(&session_, nullptr, this, nullptr);
  if (isVisible()) {
    hide();
    parentWidget()->setFocus();
  }
  deleteLater();
}

bool NoteStrip::eventFilter(QObject* watched, QEvent* e) {
  if (e->type() == QEvent::ShortcutOverride || e->type() == QEvent::KeyPress) {
    const auto* key = static_cast<QKeyEvent*>(e);
    const bool enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    if (enter || key->key() == Qt::Key_Escape) {
      e->accept();
      if (e->type() == QEvent::KeyPress) {
        if (enter) {
          accept();
        } else {
          leave();
        }
      }
      return true;
    }
  }
  if (e->type() == QEvent::FocusOut && isVisible()) {
    const auto reason = static_cast<QFocusEvent*>(e)->reason();
    const bool away = reason != Qt::ActiveWindowFocusReason && reason != Qt::PopupFocusReason;
    const QWidget* next = QApplication::focusWidget();
    if (away && (next == nullptr || !isAncestorOf(next))) leave();
  }
  return QFrame::eventFilter(watched, e);
}

}  // namespace incipit
