// Pictures as PNG files: read back as they were; what is none is refused in one line.
#include <QImage>
#include <QTemporaryDir>
#include <QtTest>

#include "core/io/atomic_file.h"
#include "core/io/picture_file.h"
#include "core/rng.h"

using namespace incipit;
namespace fs = std::filesystem;

namespace {

Picture some(PictureKind kind, Rng& rng) {
  Picture p(kind);
  for (std::uint8_t& v : p.values) {
    if (rng.below(10) == 0) v = static_cast<std::uint8_t>(rng.below(256));
  }
  return p;
}

}  // namespace

class TestPictureFile : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void readsWhatItWrote() {
    const QTemporaryDir dir;
    Rng rng(1);
    for (const PictureKind kind : kPictureKinds) {
      const fs::path file = fs::path(dir.path().toStdString()) / pictureKindId(kind);
      const Picture p = some(kind, rng);
      QVERIFY(writePicture(p, file).has_value());
      const auto back = readPicture(file, kind);
      QVERIFY2(back.has_value(), back ? "" : back.error().message.c_str());
      QVERIFY(*back == p);
    }
  }

  // Another program's view of the same file: the highest key is on top.
  void keysRise() {
    Picture p(PictureKind::kTicks);
    p.at(0, 95, 3) = 255;
    const auto bytes = pngOf(p);
    const QImage image = QImage::fromData(bytes.data(), static_cast<int>(bytes.size()));
    QCOMPARE(image.size(), QSize(96, 96));
    QCOMPARE(qRed(image.pixel(3, 0)), 255);
    QCOMPARE(qRed(image.pixel(3, 95)), 0);
  }

  void refusesOtherSizes() {
    const QTemporaryDir dir;
    const fs::path file = fs::path(dir.path().toStdString()) / "a.png";
    QVERIFY(writePicture(Picture(PictureKind::kImage3), file).has_value());
    const auto other = readPicture(file, PictureKind::kTicks);
    QVERIFY(!other.has_value());
    QCOMPARE(QString::fromStdString(other.error().message),
             QString::fromStdString(file.string()) +
                 ": is 200 x 88 pixels; a picture \"ticks\" is 96 x 96");
    const auto grey = readPicture(file, PictureKind::kImage2);
    QVERIFY(!grey.has_value());
    QVERIFY(grey.error().message.ends_with("is grey; a picture \"image2\" is colour"));
    QVERIFY(writeFileAtomically(file, std::string_view("RIFF"), false).has_value());
    QVERIFY(readPicture(file, PictureKind::kTicks).error().message.ends_with("is not a PNG image"));
  }

  void damagedFilesAreRefused() {
    Rng rng(2);
    const auto bytes = pngOf(some(PictureKind::kTicks, rng));
    for (std::size_t size = 0; size < bytes.size(); size += 97) {
      QVERIFY(!pictureOfPng(std::span(bytes).first(size), PictureKind::kTicks).has_value());
    }
    QVERIFY(!pictureOfPng(std::vector<std::uint8_t>(300'000), PictureKind::kTicks).has_value());
  }

  void sheetHasEveryPicture() {
    const QTemporaryDir dir;
    const fs::path file = fs::path(dir.path().toStdString()) / "sheet.png";
    std::vector<Picture> pictures(5, Picture(PictureKind::kTicks));
    pictures[4].at(0, 0, 0) = 255;
    QVERIFY(writePictureSheet(pictures, 3, file).has_value());
    const QImage image(QString::fromStdString(file.string()));
    QCOMPARE(image.size(), QSize(3 * 97 - 1, 2 * 97 - 1));
    QCOMPARE(qRed(image.pixel(97, 2 * 97 - 2)), 255);
    QVERIFY(!writePictureSheet({}, 3, file).has_value());
  }
};

QTEST_APPLESS_MAIN(TestPictureFile)
#include "test_picture_file.moc"
