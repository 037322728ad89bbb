// Settings that a family of models lets its user choose: how each is asked for, and the values that
// were chosen. Dialogs, the command line and the checks are made from the descriptions; nothing
// outside a family knows its settings by name.
//
// Thread safety: values and free functions.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"

namespace incipit {

struct SettingInfo {
  enum class Kind { kNumber, kInteger, kSwitch, kChoice };

  std::string id;     // "dropout"
  std::string label;  // "Dropout"
  std::string help;   // one line
  Kind kind = Kind::kNumber;
  std::string value;  // the default: "0.2", "64", "on" or "off", a choice's id
  double least = 0;   // of numbers and integers
  double most = 1;
  std::vector<std::pair<std::string, std::string>> choices;  // id and label
};

SettingInfo numberSetting(std::string id, std::string label, std::string help, double value,
                          double least, double most);
SettingInfo integerSetting(std::string id, std::string label, std::string help, int value,
                           int least, int most);
SettingInfo switchSetting(std::string id, std::string label, std::string help, bool on);
// The first choice is the default.
SettingInfo choiceSetting(std::string id, std::string label, std::string help,
                          std::vector<std::pair<std::string, std::string>> choices);

// Values as text by id. What is not named has its default.
using Settings = std::map<std::string, std::string>;

// A value for every setting of a description, each in its range.
class SettingValues {
 public:
  // Asking for an id that the description does not have, or as another kind, is a programming error
  // and throws.
  double number(const std::string& id) const;
  int integer(const std::string& id) const;
  bool on(const std::string& id) const;
  const std::string& choice(const std::string& id) const;
  bool has(const std::string& id) const { return values_.contains(id); }

  const Settings& all() const { return values_; }
  // The same, as a JSON object of texts, in the order of their ids.
  std::string json() const;

 private:
  friend Result<SettingValues> checkSettings(const std::vector<SettingInfo>&, const Settings&);
  const std::string& text(const std::string& id) const;
  Settings values_;
};

// One line for a setting that there is not, or a value out of its range.
Result<SettingValues> checkSettings(const std::vector<SettingInfo>& infos, const Settings& chosen);

// "dropout=0.2" as a pair; one line for what is none.
Result<std::pair<std::string, std::string>> settingOf(const std::string& assignment);

}  // namespace incipit
