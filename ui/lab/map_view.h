// Points on a plane, coloured by what they belong to: to be clicked and dragged through. The wheel
// zooms about the pointer, the middle button or Shift and drag moves the plane, 0 shows all.
//
// Thread safety: GUI thread only.
#pragma once

#include <QPixmap>
#include <QString>
#include <QWidget>
#include <vector>

#include "core/compose/latent_map.h"

namespace incipit {

class MapView : public QWidget {
  Q_OBJECT

 public:
  explicit MapView(QWidget* parent = nullptr);

  void setPoints(std::vector<MapPoint> points);
  // Of each point, and what the colours stand for, the first the most frequent. Points of
  // categories beyond the ninth are grey.
  void setCategories(std::vector<int> category, QStringList names);
  // Two points that are marked: the ends of a morph; -1: none.
  void setEnds(int from, int to);
  void setPlace(MapPoint place);  // where one listens
  const std::vector<MapPoint>& points() const { return points_; }
  int nearest(const QPointF& at, double within = 12) const;  // a point, or -1
  QPointF toScreen(MapPoint p) const;
  MapPoint toMap(const QPointF& p) const;
  void showAll();
  static QColor colourOf(int category);

 Q_SIGNALS:
  // The pointer went there with the button down: `point` is the one below it, or -1.
  void heard(incipit::MapPoint place, int point);
  void dropped();  // the button was released
  void pointClicked(int point, Qt::KeyboardModifiers modifiers);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void redraw();
  void paintLayer();
  void paintMarks(QPainter& painter);
  void paintLegend(QPainter& painter);

  std::vector<MapPoint> points_;
  std::vector<int> category_;
  QStringList names_;
  int from_ = -1;
  int to_ = -1;
  MapPoint place_;
  bool placed_ = false;
  QPixmap layer_;     // the points alone; null where they must be drawn anew
  double scale_ = 1;  // of the fit
  QPointF offset_;    // of the middle, in pixels
  QPointF pressed_;
  bool moving_ = false;
  bool listening_ = false;
};

}  // namespace incipit
