#include "ui/theme/icons.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

#include "ui/theme/style_sheet.h"
#include "ui/theme/theme.h"

// The resource of a static library is registered by name; the macro must stand outside namespaces.
static void registerResources() { Q_INIT_RESOURCE(incipit); }

namespace incipit {
namespace {

class ThemedIconEngine : public QIconEngine {
 public:
  explicit ThemedIconEngine(QString name) : name_(std::move(name)) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override {
    QFile file(":/icons/" + name_ + ".svg");
    if (!file.open(QIODevice::ReadOnly)) return;
    QByteArray svg = file.readAll();
    svg.replace("currentColor", colour(mode, state).name().toLatin1());
    QSvgRenderer renderer(svg);
    painter->setRenderHint(QPainter::Antialiasing);
    renderer.render(painter, QRectF(rect));
  }

  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    const QString key = QString("incipit-icon-%1-%2-%3-%4")
                            .arg(name_)
                            .arg(size.width())
                            .arg(size.height())
                            .arg(colour(mode, state).name());
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap)) return pixmap;
    pixmap = QPixmap(size);
    pixmap.fill(Qt::transparent);
    {
      QPainter painter(&pixmap);
      paint(&painter, QRect(QPoint(0, 0), size), mode, state);
    }
    QPixmapCache::insert(key, pixmap);
    return pixmap;
  }

  QIconEngine* clone() const override { return new ThemedIconEngine(name_); }
  QString key() const override { return "incipit-themed"; }

 private:
  QColor colour(QIcon::Mode mode, QIcon::State state) const {
    const Theme& t = theme();
    if (mode == QIcon::Disabled) return mixed(t.mutedText, t.panel, 0.5);
    if (mode == QIcon::Selected) return t.accentText;
    if (name_ == "record") return t.record;  // red the world over
    return state == QIcon::On ? t.accent : t.text;
  }

  QString name_;
};

}  // namespace

QIcon themedIcon(const QString& name) {
  registerResources();
  if (!QFile::exists(":/icons/" + name + ".svg")) return {};
  return QIcon(new ThemedIconEngine(name));
}

QIcon applicationIcon() {
  registerResources();
  return QIcon(":/icons/io.github.incipit.incipit.svg");
}

}  // namespace incipit
