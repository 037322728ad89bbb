#include "ui/lab/lab_picture.h"

namespace incipit {

QImage imageOf(const Picture& picture) {
  const PictureShape shape = shapeOf(picture.kind);
  QImage image(shape.columns, shape.keys, QImage::Format_RGB32);
  for (int y = 0; y < shape.keys; ++y) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
    const int key = shape.keys - 1 - y;
    for (int x = 0; x < shape.columns; ++x) {
      const int red = picture.at(0, key, x);
      line[x] = shape.channels < 3 ? qRgb(red, red, red)
                                   : qRgb(red, picture.at(1, key, x), picture.at(2, key, x));
    }
  }
  return image;
}

}  // namespace incipit
