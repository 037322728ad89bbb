#include "ui/panels/transport_bar.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QMenu>
#include <QSignalBlocker>
#include <QSpinBox>
#include <cmath>

#include "ui/panels/parts.h"
#include "ui/theme/icons.h"

namespace incipit {
namespace {

constexpr int kControlHeight = 30;
constexpr const char* kTonics[] = {"C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"};

QVBoxLayout* captioned(QWidget* control, const QString& caption) {
  auto* column = new QVBoxLayout;
  column->setSpacing(1);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(control);
  QLabel* label = makeLabel(caption, "caption");
  label->setIndent(1);
  label->setBuddy(control);
  column->addWidget(label);
  return column;
}

}  // namespace

QString barBeatText(const Document& d, Tick t) {
  const BarBeat b = d.meter.barBeat(std::max(t, Tick{0}));
  return QString("%1.%2.%3").arg(b.bar + 1).arg(b.beat + 1).arg(b.offset.count, 3, 10, QChar('0'));
}

QString clockText(const Document& d, Tick t) {
  const double seconds = d.tempo.seconds(std::max(t, Tick{0}));
  const auto millis = static_cast<qint64>(std::llround(seconds * 1000));
  return QString("%1:%2.%3")
      .arg(millis / 60000)
      .arg(millis / 1000 % 60, 2, 10, QChar('0'))
      .arg(millis % 1000, 3, 10, QChar('0'));
}

TransportBar::TransportBar(Session& session, Transport& transport, TypingKeyboard& typing,
                           CallResponse& exchange, ActionTable& table, QWidget* parent)
    : QWidget(parent),
      session_(session),
      transport_(transport),
      typing_(typing),
      exchange_(exchange) {
  setObjectName("transportBar");
  setAttribute(Qt::WA_StyledBackground);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 7, 12, 5);
  row->setSpacing(9);
  buildTransport(row, table);
  buildRecord(row, table);
  buildTime(row);
  row->addWidget(makeVerticalLine());
  auto* tools = new QHBoxLayout;
  tools->setSpacing(2);
  for (const char* id : {"tool.select", "tool.draw", "tool.erase", "tool.cut"})
    tools->addWidget(makeToolButton(table.action(id)));
  row->addLayout(tools);
  buildGrid(row, table);
  buildScale(row);
  row->addStretch(1);
  auto* undo = new QHBoxLayout;
  undo->setSpacing(2);
  for (const char* id : {"edit.undo", "edit.redo"})
    undo->addWidget(makeToolButton(table.action(id)));
  row->addLayout(undo);

  connect(&transport_, &Transport::positionChanged, this, [this] {
    showPosition();
    showMaps();
  });
  connect(&transport_, &Transport::playingChanged, this,
          [this](bool playing) { play_->setIcon(themedIcon(playing ? "stop" : "play")); });
  const auto everything = [this] {
    showPosition();
    showMaps();
  };
  connect(&session_, &Session::documentChanged, this, everything);
  connect(&session_, &Session::documentLoaded, this, everything);
  connect(&session_, &Session::editingStateChanged, this, &TransportBar::showEditing);
  everything();
  showEditing();
}

void TransportBar::buildTransport(QHBoxLayout* row, ActionTable& table) {
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(2);
  buttons->addWidget(makeToolButton(table.action("transport.stopReturn")));
  // A button of its own: the action's icon stays "play" in the menu while this one turns.
  play_ = makeToolButton(table.action("transport.play"));
  play_->setObjectName("playButton");
  play_->setIconSize({22, 22});
  buttons->addWidget(play_);
  buttons->addSpacing(6);
  for (const char* id : {"transport.loop", "transport.metronome", "view.follow"})
    buttons->addWidget(makeToolButton(table.action(id)));
  row->addLayout(buttons);
}

void TransportBar::buildRecord(QHBoxLayout* row, ActionTable& table) {
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(2);
  QToolButton* record = makeToolButton(table.action("transport.record"));
  record->setObjectName("recordButton");
  record->setIconSize({22, 22});
  buttons->addWidget(record);
  auto* options = new QToolButton;
  options->setObjectName("recordOptionsButton");
  options->setProperty("role", "flat");
  options->setIcon(themedIcon("down"));
  options->setIconSize({12, 12});
  options->setFocusPolicy(Qt::TabFocus);
  options->setPopupMode(QToolButton::InstantPopup);
  options->setToolTip(tr("How to record: count-in, overdub or replace, input quantise"));
  options->setAccessibleName(tr("Recording options"));
  auto* menu = new QMenu(options);
  for (const char* id : {"record.countInNone", "record.countInOne", "record.countInTwo"})
    menu->addAction(table.action(id));
  menu->addSeparator();
  for (const char* id : {"record.metronome", "record.replace", "record.quantise"})
    menu->addAction(table.action(id));
  options->setMenu(menu);
  buttons->addWidget(options);
  buttons->addWidget(makeToolButton(table.action("record.step")));
  piano_ = makeToolButton(table.action("record.typing"));
  piano_->setObjectName("typingButton");
  buttons->addWidget(piano_);
  QToolButton* exchange = makeToolButton(table.action("record.callResponse"));
  exchange->setObjectName("callResponseButton");
  buttons->addWidget(exchange);
  callBars_ = new QSpinBox;
  callBars_->setObjectName("callBarsSpin");
  callBars_->setRange(1, 8);
  callBars_->setFixedSize(48, kControlHeight);
  callBars_->setToolTip(tr("Bars of a call, and of its answer"));
  callBars_->setAccessibleName(tr("Bars of a call"));
  connect(callBars_, &QSpinBox::valueChanged, &exchange_, &CallResponse::setBars);
  connect(callBars_, &QSpinBox::editingFinished, this, &TransportBar::editingDone);
  buttons->addWidget(callBars_);
  row->addLayout(buttons);
  row->addWidget(makeVerticalLine());
  connect(&typing_, &TypingKeyboard::changed, this, &TransportBar::showModes);
  connect(&exchange_, &CallResponse::settingsChanged, this, &TransportBar::showModes);
  showModes();
}

void TransportBar::showModes() {
  // The octave of the lower row, while it plays.
  piano_->setToolButtonStyle(typing_.on() ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
  piano_->setText(QString("C%1").arg(typing_.octave()));
  const QSignalBlocker quiet(callBars_);
  callBars_->setValue(exchange_.bars());
  callBars_->setVisible(exchange_.on());
}

void TransportBar::buildTime(QHBoxLayout* row) {
  barBeat_ = makeLabel({}, "display");
  barBeat_->setObjectName("barBeatLabel");
  barBeat_->setMinimumWidth(108);
  barBeat_->setAccessibleName(tr("Position in bars and beats"));
  clock_ = makeLabel({}, "muted");
  clock_->setAccessibleName(tr("Position in minutes and seconds"));
  auto* column = new QVBoxLayout;
  column->setSpacing(1);
  column->addWidget(barBeat_);
  column->addWidget(clock_);
  row->addLayout(column);
  row->addWidget(makeVerticalLine());

  tempo_ = new QDoubleSpinBox;
  tempo_->setObjectName("tempoSpin");
  tempo_->setRange(10, 400);
  tempo_->setDecimals(1);
  tempo_->setKeyboardTracking(false);
  tempo_->setFixedSize(78, kControlHeight);
  tempo_->setToolTip(tr("Tempo at the playhead, in quarter notes a minute"));
  tempo_->setAccessibleName(tr("Tempo"));
  connect(tempo_, &QDoubleSpinBox::valueChanged, this, &TransportBar::commitTempo);
  connect(tempo_, &QDoubleSpinBox::editingFinished, this, &TransportBar::editingDone);
  row->addLayout(captioned(tempo_, tr("Tempo")));

  beats_ = new QSpinBox;
  beats_->setObjectName("meterBeatsSpin");
  beats_->setRange(1, 32);
  beats_->setKeyboardTracking(false);
  beats_->setFixedSize(56, kControlHeight);
  beats_->setToolTip(tr("Beats in a bar, at the playhead"));
  beats_->setAccessibleName(tr("Beats in a bar"));
  beatUnit_ = new QComboBox;
  beatUnit_->setObjectName("meterUnitCombo");
  for (const int unit : {1, 2, 4, 8, 16, 32}) beatUnit_->addItem(QString::number(unit), unit);
  beatUnit_->setFixedSize(52, kControlHeight);
  beatUnit_->setToolTip(tr("Note value of a beat, at the playhead"));
  beatUnit_->setAccessibleName(tr("Note value of a beat"));
  connect(beats_, &QSpinBox::valueChanged, this, &TransportBar::commitMeter);
  connect(beats_, &QSpinBox::editingFinished, this, &TransportBar::editingDone);
  connect(beatUnit_, &QComboBox::activated, this, [this] {
    commitMeter();
    Q_EMIT editingDone();
  });
  auto* pair = new QWidget;
  auto* pairRow = new QHBoxLayout(pair);
  pairRow->setContentsMargins(0, 0, 0, 0);
  pairRow->setSpacing(3);
  pairRow->addWidget(beats_);
  pairRow->addWidget(beatUnit_);
  row->addLayout(captioned(pair, tr("Metre")));
}

void TransportBar::buildGrid(QHBoxLayout* row, ActionTable& table) {
  row->addWidget(makeVerticalLine());
  grid_ = new QComboBox;
  grid_->setObjectName("gridCombo");
  grid_->addItem(tr("Bar"), 1);
  for (const int division : {2, 4, 8, 16, 32, 64})
    grid_->addItem(QString("1/%1").arg(division), division);
  grid_->setFixedSize(70, kControlHeight);
  grid_->setToolTip(tr("Grid step"));
  grid_->setAccessibleName(tr("Grid step"));
  connect(grid_, &QComboBox::activated, this, [this] {
    Grid g = session_.grid();
    g.division = grid_->currentData().toInt();
    g.enabled = true;
    session_.setGrid(g);
    Q_EMIT editingDone();
  });
  auto* pair = new QWidget;
  auto* pairRow = new QHBoxLayout(pair);
  pairRow->setContentsMargins(0, 0, 0, 0);
  pairRow->setSpacing(3);
  pairRow->addWidget(makeToolButton(table.action("grid.snap")));
  pairRow->addWidget(grid_);
  QToolButton* triplet = makeToolButton(table.action("grid.triplet"));
  pairRow->addWidget(triplet);
  row->addLayout(captioned(pair, tr("Grid")));
}

void TransportBar::buildScale(QHBoxLayout* row) {
  tonic_ = new QComboBox;
  tonic_->setObjectName("tonicCombo");
  for (const char* name : kTonics) tonic_->addItem(QString::fromUtf8(name));
  tonic_->setFixedSize(58, kControlHeight);
  tonic_->setAccessibleName(tr("Tonic of the scale"));
  mode_ = new QComboBox;
  mode_->setObjectName("modeCombo");
  mode_->addItem(tr("No scale"), -1);
  for (const Mode m : allModes())
    mode_->addItem(QString::fromStdString(modeName(m)), static_cast<int>(m));
  mode_->setFixedHeight(kControlHeight);
  mode_->setMinimumWidth(88);
  mode_->setMaximumWidth(134);
  mode_->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);

  mode_->setToolTip(tr("Scale shown in the roll; Alt+Up and Alt+Down move notes within it"));
  mode_->setAccessibleName(tr("Scale"));
  for (QComboBox* box : {tonic_, mode_}) {
    connect(box, &QComboBox::activated, this, [this] {
      commitScale();
      Q_EMIT editingDone();
    });
  }
  auto* pair = new QWidget;
  auto* pairRow = new QHBoxLayout(pair);
  pairRow->setContentsMargins(0, 0, 0, 0);
  pairRow->setSpacing(3);
  pairRow->addWidget(tonic_);
  pairRow->addWidget(mode_, 1);
  row->addLayout(captioned(pair, tr("Scale")));
}

void TransportBar::showPosition() {
  const Tick t = transport_.position();
  barBeat_->setText(barBeatText(*session_.document(), t));
  clock_->setText(clockText(*session_.document(), t));
}

void TransportBar::showMaps() {
  const Document& d = *session_.document();
  const Tick t = transport_.position();
  if (!tempo_->hasFocus()) {
    const QSignalBlocker quiet(tempo_);
    tempo_->setValue(d.tempo.at(t).bpm());
  }
  const MeterChange& meter = d.meter.at(t);
  const QSignalBlocker quietBeats(beats_);
  beats_->setValue(meter.numerator);
  beatUnit_->setCurrentIndex(beatUnit_->findData(meter.denominator));
}

void TransportBar::showEditing() {
  grid_->setCurrentIndex(grid_->findData(session_.grid().division));
  tonic_->setCurrentIndex(session_.scale().tonic);
  tonic_->setEnabled(session_.scaleShown());
  mode_->setCurrentIndex(
      session_.scaleShown() ? mode_->findData(static_cast<int>(session_.scale().mode)) : 0);
}

void TransportBar::commitTempo(double bpm) {
  const Document& d = *session_.document();
  const TempoChange& now = d.tempo.at(transport_.position());
  TempoChange change = now;
  change.microsPerQuarter = microsPerQuarterOf(bpm);
  session_.commit(tr("Tempo %1").arg(bpm), setTempo(d, change));
}

void TransportBar::commitMeter() {
  const Document& d = *session_.document();
  MeterChange change = d.meter.at(transport_.position());
  change.numerator = beats_->value();
  if (beatUnit_->currentIndex() >= 0) change.denominator = beatUnit_->currentData().toInt();
  const QString name = tr("Metre %1/%2").arg(change.numerator).arg(change.denominator);
  session_.commit(name, setMeter(d, change));
}

void TransportBar::commitScale() {
  const int mode = mode_->currentData().toInt();
  Scale scale = session_.scale();
  scale.tonic = tonic_->currentIndex();
  if (mode >= 0) scale.mode = static_cast<Mode>(mode);
  session_.setScale(scale, mode >= 0);
}

}  // namespace incipit
