// The installed models of one kind.
//
// Thread safety: GUI thread only.
#pragma once

#include <QComboBox>
#include <filesystem>
#include <functional>

#include "ui/lab/lab_parts.h"

namespace incipit {

class ModelCombo : public QComboBox {
  Q_OBJECT

 public:
  // `wanted` says which families; they are known once the engine has answered.
  ModelCombo(const LabParts& parts, const char* name, const QString& help,
             std::function<bool(const FamilyInfo&)> wanted, QWidget* parent = nullptr);
  void reload();                        // what was chosen stays chosen
  std::filesystem::path model() const;  // empty where there is none

 Q_SIGNALS:
  void modelChanged();

 private:
  LabParts parts_;
  std::function<bool(const FamilyInfo&)> wanted_;
};

}  // namespace incipit
