// Messages that do not interrupt: a strip under the transport bar with one clear line each, a
// button where something can be done, and a cross. A message replaces the one with the same key.
//
// Thread safety: GUI thread only.
#pragma once

#include <QFrame>
#include <QVBoxLayout>
#include <QWidget>
#include <functional>

namespace incipit {

class BannerArea : public QWidget {
  Q_OBJECT

 public:
  enum class Severity { kInfo, kWarning, kError };
  struct Action {
    QString text;
    std::function<void()> run;
  };

  explicit BannerArea(QWidget* parent = nullptr);

  // `key` names the matter ("audio", "engine"): a later message about it takes the place of this.
  // The action closes its message.
  void showMessage(Severity severity, const QString& key, const QString& text, Action action = {});
  void clear(const QString& key);
  QStringList messages() const;  // from the top

 private:
  QFrame* find(const QString& key) const;

  QVBoxLayout* column_;
};

}  // namespace incipit
