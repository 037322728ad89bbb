#include "ui/panels/track_row.h"

#include <QColorDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QPointer>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>
#include <algorithm>

#include "ui/panels/output_menu.h"
#include "ui/panels/parts.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

namespace incipit {
namespace {

// The families of General MIDI Level 1, eight programs each.
constexpr const char* kFamilies[] = {"Piano",         "Chromatic percussion",
                                     "Organ",         "Guitar",
                                     "Bass",          "Strings",
                                     "Ensemble",      "Brass",
                                     "Reed",          "Pipe",
                                     "Synth lead",    "Synth pad",
                                     "Synth effects", "World",
                                     "Percussive",    "Sound effects"};
constexpr int kStripeWidth = 4;

QColor colourOf(const Track& t) { return QColor::fromRgb(t.colour); }

}  // namespace

TrackRow::TrackRow(Session& session, LiveInput& live, TrackId id, QWidget* parent)
    : QWidget(parent), session_(session), live_(live), id_(id) {
  setObjectName("trackRow");
  setAttribute(Qt::WA_StyledBackground);
  setAttribute(Qt::WA_Hover);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(kStripeWidth + 10, 8, 12, 8);
  column->setSpacing(5);
  buildTop();
  buildInstrument();
  buildSliders();
  setContextMenuPolicy(Qt::CustomContextMenu);
  connect(this, &QWidget::customContextMenuRequested, this,
          [this](const QPoint& p) { showMenu(mapToGlobal(p)); });
  refresh();
}

template <typename F>
void TrackRow::edit(const QString& name, F change) {
  const Track* now = track();
  if (now == nullptr) return;
  Track changed = *now;
  change(changed);
  if (changed == *now) return;
  session_.commit(name, replaceTrack(*session_.document(), std::move(changed)));
}

void TrackRow::buildTop() {
  auto* top = new QHBoxLayout;
  top->setSpacing(4);
  name_ = new QLineEdit;
  name_->setObjectName("trackNameEdit");
  name_->setAccessibleName(tr("Track name"));
  name_->setFrame(false);
  name_->setStyleSheet("QLineEdit { background: transparent; border: none; padding: 0; }");
  name_->setFocusPolicy(Qt::ClickFocus);
  name_->installEventFilter(this);
  connect(name_, &QLineEdit::returnPressed, this, &TrackRow::editingDone);
  connect(name_, &QLineEdit::editingFinished, this, [this] {
    name_->setModified(false);
    edit(tr("Rename track"), [this](Track& t) { t.name = name_->text().toStdString(); });
  });
  top->addWidget(name_, 1);
  const auto chip = [&](const char* objectName, const QString& text, const QString& tip) {
    auto* button = new QToolButton;
    button->setObjectName(objectName);
    button->setProperty("role", "chip");
    button->setText(text);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setCheckable(true);
    button->setFocusPolicy(Qt::TabFocus);
    top->addWidget(button);
    return button;
  };
  arm_ = chip("armButton", tr("R"), tr("Arm for recording and for what is played"));
  mute_ = chip("muteButton", tr("M"), tr("Mute this track"));
  solo_ = chip("soloButton", tr("S"), tr("Hear only the tracks with solo"));
  connect(arm_, &QToolButton::clicked, this, [this] {
    live_.arm(live_.armed() == id_ ? 0 : id_);
    refreshArm();
  });
  connect(mute_, &QToolButton::clicked, this, [this](bool on) {
    edit(on ? tr("Mute track") : tr("Unmute track"), [on](Track& t) { t.mute = on; });
  });
  connect(solo_, &QToolButton::clicked, this, [this](bool on) {
    edit(on ? tr("Solo track") : tr("Unsolo track"), [on](Track& t) { t.solo = on; });
  });
  static_cast<QVBoxLayout*>(layout())->addLayout(top);
}

void TrackRow::buildInstrument() {
  auto* row = new QHBoxLayout;
  row->setSpacing(6);
  colour_ = new QToolButton;
  colour_->setProperty("role", "flat");
  colour_->setIconSize({16, 16});
  colour_->setToolTip(tr("Colour of the track"));
  colour_->setAccessibleName(tr("Colour of the track"));
  colour_->setFocusPolicy(Qt::TabFocus);
  connect(colour_, &QToolButton::clicked, this, &TrackRow::chooseColour);
  row->addWidget(colour_);

  instrument_ = new QPushButton;
  instrument_->setObjectName("instrumentButton");
  instrument_->setFocusPolicy(Qt::TabFocus);
  instrument_->setStyleSheet("text-align: left; padding: 3px 20px 3px 10px;");
  instrument_->setToolTip(tr("Instrument of the track (General MIDI)"));
  // A long name is cut off rather than the row widened.
  instrument_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
  auto* menu = new QMenu(this);
  for (int family = 0; family < 16; ++family) {
    QMenu* sub = menu->addMenu(tr(kFamilies[family]));
    for (int program = family * 8; program < family * 8 + 8; ++program) {
      QAction* action = sub->addAction(tr(generalMidiName(program)));
      connect(action, &QAction::triggered, this, [this, program] { setProgram(program, false); });
    }
  }
  menu->addSeparator();
  connect(menu->addAction(themedIcon("drum"), tr("Drum kit")), &QAction::triggered, this,
          [this] { setProgram(0, true); });
  instrument_->setMenu(menu);
  row->addWidget(instrument_, 1);

  output_ = new QToolButton;
  output_->setObjectName("outputButton");
  output_->setProperty("role", "flat");
  output_->setIcon(themedIcon("midi"));
  output_->setIconSize({16, 16});
  output_->setFocusPolicy(Qt::TabFocus);
  output_->setPopupMode(QToolButton::InstantPopup);
  output_->setMenu(new QMenu(this));
  connect(output_->menu(), &QMenu::aboutToShow, this,
          [this] { fillOutputMenu(*output_->menu(), session_, id_, outputs_); });
  row->addWidget(output_);
  static_cast<QVBoxLayout*>(layout())->addLayout(row);
  outputText_ = makeLabel({}, "caption");
  outputText_->setObjectName("outputLabel");
  outputText_->setTextFormat(Qt::PlainText);
  // A long name must not widen the panel.
  outputText_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  static_cast<QVBoxLayout*>(layout())->addWidget(outputText_);
}

void TrackRow::showOutputs(const std::vector<MidiPort>& outputs) {
  outputs_ = outputs;
  if (const Track* t = track()) refreshOutput(*t);
}

void TrackRow::refreshOutput(const Track& t) {
  const QString text = outputText(t, outputs_);
  outputText_->setText(text);
  outputText_->setVisible(!text.isEmpty());
  outputText_->setToolTip(text);
  setStyleProperty(outputText_, "role", outputMissing(t, outputs_) ? "missing" : "caption");
  const QString tip = tr("Output: %1").arg(text.isEmpty() ? tr("synthesizer") : text);
  output_->setToolTip(tip);
  output_->setAccessibleName(tip);
}

void TrackRow::refreshArm() {
  arm_->setChecked(live_.armed() == id_);
  // Played and recorded here because it is the active one.
  setStyleProperty(arm_, "auto", live_.armed() == 0 && live_.track() == id_);
}

void TrackRow::buildSliders() {
  auto* row = new QHBoxLayout;
  row->setSpacing(7);
  const auto slider = [&](const char* objectName, const QString& name) {
    auto* s = new QSlider(Qt::Horizontal);
    s->setObjectName(objectName);
    s->setRange(0, 127);
    s->setPageStep(8);
    s->setAccessibleName(name);
    s->setFocusPolicy(Qt::TabFocus);
    return s;
  };
  volume_ = slider("volumeSlider", tr("Volume"));
  pan_ = slider("panSlider", tr("Pan"));
  pan_->setProperty("role", "centred");
  const auto commitVolume = [this] {
    edit(tr("Track volume"), [this](Track& t) { t.volume = volume_->value(); });
  };
  const auto commitPan = [this] {
    edit(tr("Track pan"), [this](Track& t) { t.pan = pan_->value(); });
  };
  connect(volume_, &QSlider::sliderReleased, this, commitVolume);
  connect(pan_, &QSlider::sliderReleased, this, commitPan);
  connect(volume_, &QSlider::valueChanged, this, [this, commitVolume](int v) {
    volume_->setToolTip(tr("Volume %1").arg(v));
    if (!volume_->isSliderDown()) commitVolume();
  });
  connect(pan_, &QSlider::valueChanged, this, [this, commitPan](int v) {
    pan_->setToolTip(v == 64
                         ? tr("Pan: middle")
                         : (v < 64 ? tr("Pan: %1 left") : tr("Pan: %1 right")).arg(abs(v - 64)));
    if (!pan_->isSliderDown()) commitPan();
  });
  row->addWidget(makeLabel(tr("Vol"), "caption"));
  row->addWidget(volume_, 3);
  row->addWidget(makeLabel(tr("Pan"), "caption"));
  row->addWidget(pan_, 2);
  static_cast<QVBoxLayout*>(layout())->addLayout(row);
}

void TrackRow::refresh() {
  const Track* t = track();
  if (t == nullptr) return;
  if (!name_->isModified() || !name_->hasFocus()) name_->setText(QString::fromStdString(t->name));
  name_->setPlaceholderText(tr("Unnamed track"));
  mute_->setChecked(t->mute);
  solo_->setChecked(t->solo);
  const bool drums = t->channel == kDrumChannel;
  instrument_->setText(drums ? tr("Drum kit") : tr(generalMidiName(t->program)));
  instrument_->setAccessibleName(tr("Instrument: %1").arg(instrument_->text()));
  colour_->setIcon(colourIcon(colourOf(*t)));
  const QSignalBlocker quietVolume(volume_);
  const QSignalBlocker quietPan(pan_);
  if (!volume_->isSliderDown()) volume_->setValue(t->volume);
  if (!pan_->isSliderDown()) pan_->setValue(t->pan);
  volume_->setToolTip(tr("Volume %1").arg(t->volume));
  pan_->setToolTip(tr("Pan %1").arg(t->pan - 64));
  refreshOutput(*t);
  refreshArm();
  const bool active = session_.activeTrack() == id_;
  setStyleProperty(this, "active", active);
  QFont font = name_->font();
  font.setBold(active);
  name_->setFont(font);
  update();
}

void TrackRow::mousePressEvent(QMouseEvent* event) {
  session_.setActiveTrack(id_);
  QWidget::mousePressEvent(event);
}

bool TrackRow::eventFilter(QObject* watched, QEvent* event) {
  if (watched == name_ && event->type() == QEvent::MouseButtonPress) session_.setActiveTrack(id_);
  return QWidget::eventFilter(watched, event);
}

void TrackRow::paintEvent(QPaintEvent* event) {
  QWidget::paintEvent(event);
  const Track* t = track();
  if (t == nullptr) return;
  QPainter painter(this);
  QColor stripe = colourOf(*t);
  if (session_.activeTrack() != id_) stripe.setAlpha(150);
  painter.fillRect(0, 0, kStripeWidth, height() - 1, stripe);
}

void TrackRow::chooseColour() {
  const Track* t = track();
  if (t == nullptr) return;
  const QPointer<TrackRow> alive(this);
  const QColor chosen = QColorDialog::getColor(colourOf(*t), window(), tr("Colour of the track"));
  if (alive.isNull() || !chosen.isValid()) return;
  edit(tr("Colour of track"), [&](Track& x) { x.colour = chosen.rgb() & 0xFFFFFF; });
}

void TrackRow::setProgram(int program, bool drums) {
  session_.setActiveTrack(id_);
  const Document& d = *session_.document();
  edit(drums ? tr("Drum kit") : tr("Instrument %1").arg(generalMidiName(program)), [&](Track& t) {
    t.program = program;
    if (drums) {
      t.channel = kDrumChannel;
      return;
    }
    if (t.channel != kDrumChannel) return;
    // Off the drum channel: the first that no other track uses, else the first of all.
    t.channel = 0;
    for (int c = 0; c < 16; ++c) {
      const bool used = std::any_of(d.tracks.begin(), d.tracks.end(),
                                    [c](const TrackPtr& o) { return o->channel == c; });
      if (c == kDrumChannel || used) continue;
      t.channel = c;
      break;
    }
  });
  Q_EMIT instrumentChosen();
}

void TrackRow::showMenu(const QPoint& at) {
  session_.setActiveTrack(id_);
  const auto& tracks = session_.document()->tracks;
  const auto found = std::find_if(tracks.begin(), tracks.end(),
                                  [this](const TrackPtr& t) { return t->id == id_; });
  if (found == tracks.end()) return;
  const auto index = static_cast<std::size_t>(found - tracks.begin());
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  Session& session = session_;
  const TrackId id = id_;
  QAction* up = menu->addAction(themedIcon("up"), tr("Move up"), this, [&session, id, index] {
    session.commit(tr("Move track"), moveTrack(*session.document(), id, index - 1));
  });
  up->setEnabled(index > 0);
  QAction* down = menu->addAction(themedIcon("down"), tr("Move down"), this, [&session, id, index] {
    session.commit(tr("Move track"), moveTrack(*session.document(), id, index + 1));
  });
  down->setEnabled(index + 1 < tracks.size());
  menu->addSeparator();
  QAction* remove = menu->addAction(
      themedIcon("discard"), tr("Remove track"), this,
      [&session, id] { session.commit(tr("Remove track"), removeTrack(*session.document(), id)); });
  remove->setEnabled(tracks.size() > 1);
  menu->popup(at);
}

}  // namespace incipit
