#include "core/compose/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

namespace incipit {
namespace {

using Kind = SettingInfo::Kind;

std::optional<double> numberOf(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

Result<std::string> checkNumber(const SettingInfo& s, const std::string& text) {
  const auto value = numberOf(text);
  const bool whole = s.kind != Kind::kInteger || (value && *value == std::floor(*value));
  if (!value || !whole || *value < s.least || *value > s.most) {
    return fail(fmt::format("{} \"{}\": use {} from {} to {}", s.id, text,
                            s.kind == Kind::kInteger ? "a whole number" : "a number", s.least,
                            s.most));
  }
  return fmt::format("{}", *value);
}

Result<std::string> checkValue(const SettingInfo& s, const std::string& text) {
  if (s.kind == Kind::kNumber || s.kind == Kind::kInteger) return checkNumber(s, text);
  if (s.kind == Kind::kSwitch) {
    if (text == "on" || text == "true" || text == "1") return "on";
    if (text == "off" || text == "false" || text == "0") return "off";
    return fail(fmt::format("{} \"{}\": use on or off", s.id, text));
  }
  std::vector<std::string> ids;
  for (const auto& [id, label] : s.choices) ids.push_back(id);
  if (std::find(ids.begin(), ids.end(), text) != ids.end()) return text;
  return fail(fmt::format("{} \"{}\": use {}", s.id, text, fmt::join(ids, ", ")));
}

SettingInfo setting(Kind kind, std::string id, std::string label, std::string help,
                    std::string value) {
  SettingInfo s;
  s.id = std::move(id);
  s.label = std::move(label);
  s.help = std::move(help);
  s.kind = kind;
  s.value = std::move(value);
  return s;
}

}  // namespace

SettingInfo numberSetting(std::string id, std::string label, std::string help, double value,
                          double least, double most) {
  auto s = setting(Kind::kNumber, std::move(id), std::move(label), std::move(help),
                   fmt::format("{}", value));
  s.least = least;
  s.most = most;
  return s;
}

SettingInfo integerSetting(std::string id, std::string label, std::string help, int value,
                           int least, int most) {
  auto s = setting(Kind::kInteger, std::move(id), std::move(label), std::move(help),
                   fmt::format("{}", value));
  s.least = least;
  s.most = most;
  return s;
}

SettingInfo switchSetting(std::string id, std::string label, std::string help, bool on) {
  return setting(Kind::kSwitch, std::move(id), std::move(label), std::move(help),
                 on ? "on" : "off");
}

SettingInfo choiceSetting(std::string id, std::string label, std::string help,
                          std::vector<std::pair<std::string, std::string>> choices) {
  auto s = setting(Kind::kChoice, std::move(id), std::move(label), std::move(help),
                   choices.front().first);
  s.choices = std::move(choices);
  return s;
}

const std::string& SettingValues::text(const std::string& id) const {
  const auto it = values_.find(id);
  if (it == values_.end()) throw std::logic_error("no setting " + id);
  return it->second;
}

double SettingValues::number(const std::string& id) const {
  const auto value = numberOf(text(id));
  if (!value) throw std::logic_error(id + " is no number");
  return *value;
}

int SettingValues::integer(const std::string& id) const { return static_cast<int>(number(id)); }

bool SettingValues::on(const std::string& id) const { return text(id) == "on"; }

const std::string& SettingValues::choice(const std::string& id) const { return text(id); }

std::string SettingValues::json() const { return nlohmann::json(values_).dump(); }

Result<SettingValues> checkSettings(const std::vector<SettingInfo>& infos, const Settings& chosen) {
  SettingValues out;
  std::vector<std::string> ids;
  for (const SettingInfo& s : infos) {
    const auto it = chosen.find(s.id);
    auto value = checkValue(s, it == chosen.end() ? s.value : it->second);
    if (!value) return fail(value.error().message);
    out.values_[s.id] = std::move(*value);
    ids.push_back(s.id);
  }
  for (const auto& [id, value] : chosen) {
    if (out.has(id)) continue;
    if (ids.empty()) return fail(fmt::format("there is no setting {}, nor any other", id));
    return fail(fmt::format("there is no setting {}: use {}", id, fmt::join(ids, ", ")));
  }
  return out;
}

Result<std::pair<std::string, std::string>> settingOf(const std::string& assignment) {
  const auto at = assignment.find('=');
  if (at == std::string::npos || at == 0) {
    return fail(fmt::format("\"{}\": use NAME=VALUE, as dropout=0.2", assignment));
  }
  return std::pair(assignment.substr(0, at), assignment.substr(at + 1));
}

}  // namespace incipit
