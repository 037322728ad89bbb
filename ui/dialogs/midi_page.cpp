#include "ui/dialogs/midi_page.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QSignalBlocker>
#include <algorithm>

#include "ui/panels/output_menu.h"
#include "ui/panels/parts.h"

namespace incipit {
namespace {

constexpr int kPollMs = 500;
constexpr int kMostRows = 5;  // without scrolling
constexpr int kRowHeight = 36;

enum Column { kName, kState, kSwitch, kLatency };

QString stateText(const MidiPort& port) {
  if (!port.present) return MidiPage::tr("Missing");
  if (!port.problem.empty()) return MidiPage::tr("Not open");
  return port.open ? MidiPage::tr("Open") : MidiPage::tr("Ready");
}

QString systemName(const std::string& system) {
  static const std::map<std::string, QString> names = {
      {"jack", "JACK"}, {"alsa", "ALSA"}, {"core", "CoreMIDI"}, {"winmm", "Windows MM"}};
  const auto found = names.find(system);
  return found == names.end() ? QString::fromStdString(system) : found->second;
}

// Puts a control into a cell, with some air around it.
QWidget* inCell(QWidget* control, Qt::Alignment alignment = {}) {
  auto* cell = new QWidget;
  auto* row = new QHBoxLayout(cell);
  row->setContentsMargins(2, 2, 4, 2);
  row->addWidget(control, 0, alignment);
  return cell;
}

}  // namespace

MidiPortTable::MidiPortTable(Direction direction, QWidget* parent)
    : QTableWidget(0, 4, parent), direction_(direction) {
  const bool input = direction == Direction::kInput;
  setObjectName(input ? "midiInputTable" : "midiOutputTable");
  setAccessibleName(input ? tr("MIDI inputs") : tr("MIDI outputs"));
  setHorizontalHeaderLabels({input ? tr("Input") : tr("Output"), tr("State"),
                             input ? tr("Listen") : tr("Send clock"), tr("Latency")});
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  horizontalHeader()->setSectionResizeMode(kName, QHeaderView::Stretch);
  horizontalHeader()->setSectionResizeMode(kState, QHeaderView::ResizeToContents);
  horizontalHeader()->setSectionResizeMode(kSwitch, QHeaderView::ResizeToContents);
  horizontalHeader()->setSectionResizeMode(kLatency, QHeaderView::Fixed);
  horizontalHeader()->resizeSection(kLatency, 104);
  verticalHeader()->hide();
  verticalHeader()->setDefaultSectionSize(kRowHeight);
  setShowGrid(false);
  setSelectionMode(QAbstractItemView::NoSelection);
  setEditTriggers(QAbstractItemView::NoEditTriggers);
  setFocusPolicy(Qt::NoFocus);
}

MidiPortSettings MidiPortTable::settingsOf(const std::string& name) const {
  const auto found = settings_.find(name);
  return found == settings_.end() ? MidiPortSettings{} : found->second;
}

void MidiPortTable::change(const std::string& name,
                           const std::function<void(MidiPortSettings&)>& f) {
  MidiPortSettings now = settingsOf(name);
  f(now);
  if (now == MidiPortSettings{}) {
    settings_.erase(name);
  } else {
    settings_[name] = now;
  }
}

void MidiPortTable::showSettings(const std::map<std::string, MidiPortSettings>& settings) {
  settings_ = settings;
  rebuild(ports_);
}

void MidiPortTable::showPorts(const std::vector<MidiPort>& ports) {
  std::vector<MidiPort> all = ports;
  for (const auto& [name, unused] : settings_) {
    if (std::none_of(all.begin(), all.end(), [&](const MidiPort& p) { return p.name == name; }))
      all.push_back({.name = name});
  }
  const bool same = std::equal(all.begin(), all.end(), ports_.begin(), ports_.end(),
                               [](const auto& a, const auto& b) { return a.name == b.name; });
  if (!same || rowCount() == 0) {
    rebuild(all);
    return;
  }
  // What is being edited in a row stays.
  ports_ = std::move(all);
  for (int row = 0; row < rowCount(); ++row) showState(row, ports_[static_cast<std::size_t>(row)]);
}

void MidiPortTable::rebuild(const std::vector<MidiPort>& ports) {
  ports_ = ports;
  setRowCount(0);
  setRowCount(static_cast<int>(std::max<std::size_t>(ports_.size(), 1)));
  for (std::size_t i = 0; i < ports_.size(); ++i) addRow(static_cast<int>(i), ports_[i]);
  clearSpans();
  if (ports_.empty()) {
    setSpan(0, kName, 1, 4);
    auto* none = new QTableWidgetItem(tr("None: connect a device, it appears by itself"));
    none->setForeground(palette().placeholderText());
    setItem(0, kName, none);
  }
  const int rows = std::clamp(rowCount(), 2, kMostRows);
  setFixedHeight(horizontalHeader()->sizeHint().height() + rows * kRowHeight + 2 * frameWidth());
}

void MidiPortTable::addRow(int row, const MidiPort& port) {
  const MidiPortSettings now = settingsOf(port.name);
  const QString name = QString::fromStdString(port.name);
  auto* title = new QTableWidgetItem(midiPortTitle(port.name));
  title->setToolTip(name == kVirtualMidiPort ? tr("Our own port, which other programs connect to")
                                             : name);
  setItem(row, kName, title);
  setItem(row, kState, new QTableWidgetItem);
  showState(row, port);
  const bool input = direction_ == Direction::kInput;
  auto* box = new QCheckBox;
  box->setObjectName("midiPortCheck");
  box->setChecked(input ? now.enabled : now.clock);
  box->setAccessibleName(input ? tr("Listen to %1").arg(name)
                               : tr("Send the clock to %1").arg(name));
  connect(box, &QCheckBox::toggled, this, [this, input, key = port.name](bool on) {
    change(key, [&](MidiPortSettings& s) { (input ? s.enabled : s.clock) = on; });
  });
  setCellWidget(row, kSwitch, inCell(box, Qt::AlignCenter));
  auto* latency = new QDoubleSpinBox;
  latency->setObjectName("midiLatencySpin");
  latency->setRange(-500, 500);
  latency->setDecimals(1);
  latency->setSuffix(tr(" ms"));
  latency->setValue(now.latencyMs);
  latency->setAccessibleName(tr("Latency of %1").arg(name));
  latency->setToolTip(input ? tr("What it brings counts as played so much earlier")
                            : tr("It is sent its notes so much earlier"));
  connect(latency, &QDoubleSpinBox::valueChanged, this, [this, key = port.name](double ms) {
    change(key, [&](MidiPortSettings& s) { s.latencyMs = ms; });
  });
  setCellWidget(row, kLatency, inCell(latency));
}

void MidiPortTable::showState(int row, const MidiPort& port) {
  QTableWidgetItem* state = item(row, kState);
  if (state == nullptr) return;
  state->setText(stateText(port));
  state->setToolTip(QString::fromStdString(port.problem));
}

MidiPage::MidiPage(const Player* player, QWidget* parent) : QWidget(parent), player_(player) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  auto* top = new QWidget;
  QFormLayout* form = makeForm(top);
  form->setContentsMargins(18, 18, 18, 6);
  buildSystem(form);
  column->addWidget(top);
  inputs_ = new MidiPortTable(MidiPortTable::Direction::kInput);
  outputs_ = new MidiPortTable(MidiPortTable::Direction::kOutput);
  for (MidiPortTable* table : {inputs_, outputs_}) {
    auto* row = new QHBoxLayout;
    row->setContentsMargins(18, 2, 18, 2);
    row->addWidget(table);
    column->addLayout(row);
  }
  column->addStretch(1);
  setEnabled(player_ != nullptr);
  poll_.setInterval(kPollMs);
  connect(&poll_, &QTimer::timeout, this, [this] {
    if (isVisible()) refresh();
  });
  poll_.start();
}

void MidiPage::buildSystem(QFormLayout* form) {
  system_ = new QComboBox;
  system_->setObjectName("midiSystemCombo");
  system_->addItem(tr("Automatic"), QString());
  if (player_ != nullptr) {
    for (const std::string& s : player_->midiStatus().systems)
      system_->addItem(systemName(s), QString::fromStdString(s));
  }
  form->addRow(tr("System"), system_);
  virtualPorts_ = new QCheckBox(tr("Ports of our own, named “%1”").arg(kVirtualMidiPort));
  virtualPorts_->setObjectName("virtualPortsCheck");
  virtualPorts_->setToolTip(tr("Other programs can send notes to them and receive ours"));
  form->addRow(tr("Virtual"), virtualPorts_);
  clock_ = new QComboBox;
  clock_->setObjectName("followClockCombo");
  clock_->setToolTip(tr("Start, stop and tempo come from this input"));
  clock_->addItem(tr("None: our own tempo"), QString());
  form->addRow(tr("Follow the clock of"), clock_);
  problem_ = makeLabel({}, "muted");
  problem_->setObjectName("midiProblemLabel");
  problem_->setWordWrap(true);
  problem_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  problem_->setText(tr("This build has no sound and no MIDI."));
  problem_->setVisible(player_ == nullptr);
  form->addRow(problem_);
}

void MidiPage::refresh() {
  if (player_ == nullptr) return;
  const MidiStatus status = player_->midiStatus();
  system_->setItemText(0, status.system.empty()
                              ? tr("Automatic")
                              : tr("Automatic (%1 now)").arg(systemName(status.system)));
  inputs_->showPorts(status.inputs);
  outputs_->showPorts(status.outputs);
  listClocks(status);
  problem_->setText(QString::fromStdString(status.problem));
  problem_->setVisible(!status.problem.empty());
}

void MidiPage::listClocks(const MidiStatus& status) {
  QStringList names;
  for (const MidiPort& p : status.inputs) {
    if (p.present) names << QString::fromStdString(p.name);
  }
  const QString chosen = clock_->currentData().toString();
  if (!chosen.isEmpty() && !names.contains(chosen)) names << chosen;
  QStringList listed;
  for (int i = 1; i < clock_->count(); ++i) listed << clock_->itemData(i).toString();
  if (names == listed) return;
  const QSignalBlocker quiet(clock_);
  while (clock_->count() > 1) clock_->removeItem(1);
  for (const QString& name : names) clock_->addItem(name, name);
  clock_->setCurrentIndex(std::max(clock_->findData(chosen), 0));
}

void MidiPage::showSettings(const MidiSettings& settings) {
  const QString system = QString::fromStdString(settings.system);
  selectData(system_, system, systemName(settings.system));
  virtualPorts_->setChecked(settings.virtualPorts);
  const QString clock = QString::fromStdString(settings.followClock);
  selectData(clock_, clock, clock);
  inputs_->showSettings(settings.inputs);
  outputs_->showSettings(settings.outputs);
  refresh();
}

MidiSettings MidiPage::chosen() const {
  MidiSettings s;
  s.system = system_->currentData().toString().toStdString();
  s.virtualPorts = virtualPorts_->isChecked();
  s.followClock = clock_->currentData().toString().toStdString();
  s.inputs = inputs_->chosen();
  s.outputs = outputs_->chosen();
  return s;
}

}  // namespace incipit
