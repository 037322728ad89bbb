// The bar on top: transport and recording buttons, position, tempo and metre at the playhead,
// tools, grid, scale.
//
// Thread safety: GUI thread only.
#pragma once

#include <QWidget>

#include "ui/actions/action_table.h"
#include "ui/session/call_response.h"
#include "ui/session/typing_keyboard.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QSpinBox;
class QToolButton;
class QHBoxLayout;

namespace incipit {

// "12.3.240": bar and beat from 1, then ticks. "1:02.500" for the second line.
QString barBeatText(const Document& d, Tick t);
QString clockText(const Document& d, Tick t);

class TransportBar : public QWidget {
  Q_OBJECT

 public:
  TransportBar(Session& session, Transport& transport, TypingKeyboard& typing,
               CallResponse& exchange, ActionTable& table, QWidget* parent = nullptr);

 Q_SIGNALS:
  void editingDone();  // the focus may go back to the roll

 private:
  void buildTransport(QHBoxLayout* row, ActionTable& table);
  void buildRecord(QHBoxLayout* row, ActionTable& table);
  void buildTime(QHBoxLayout* row);
  void buildGrid(QHBoxLayout* row, ActionTable& table);
  void buildScale(QHBoxLayout* row);
  void showPosition();
  void showMaps();
  void showModes();
  void showEditing();
  void commitTempo(double bpm);
  void commitMeter();
  void commitScale();

  Session& session_;
  Transport& transport_;
  TypingKeyboard& typing_;
  CallResponse& exchange_;
  QToolButton* play_ = nullptr;
  QToolButton* piano_ = nullptr;
  QSpinBox* callBars_ = nullptr;
  QLabel* barBeat_ = nullptr;
  QLabel* clock_ = nullptr;
  QDoubleSpinBox* tempo_ = nullptr;
  QSpinBox* beats_ = nullptr;
  QComboBox* beatUnit_ = nullptr;
  QComboBox* grid_ = nullptr;
  QComboBox* tonic_ = nullptr;
  QComboBox* mode_ = nullptr;
};

}  // namespace incipit
