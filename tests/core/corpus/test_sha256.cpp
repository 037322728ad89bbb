// SHA-256 against the examples of FIPS 180-4 and the million a's.
#include <QtTest>

#include "core/corpus/sha256.h"

using namespace incipit;

class TestSha256 : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void standardVectors_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("digest");
    QTest::newRow("empty")
        << QByteArray()
        << QByteArray("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    QTest::newRow("abc") << QByteArray("abc")
                         << QByteArray(
                                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    QTest::newRow("two blocks")
        << QByteArray("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
        << QByteArray("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    QTest::newRow("a million a")
        << QByteArray(1000000, 'a')
        << QByteArray("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
  void standardVectors() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, digest);
    Sha256 hash;
    hash.update(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
    QCOMPARE(QByteArray::fromStdString(hash.hex()), digest);
  }

  void piecesMakeTheWhole() {
    const std::string text(300, 'x');
    Sha256 whole;
    whole.update(text);
    const std::string expected = whole.hex();
    for (std::size_t piece = 1; piece < 130; ++piece) {
      Sha256 parts;
      for (std::size_t i = 0; i < text.size(); i += piece) {
        parts.update(std::string_view(text).substr(i, piece));
      }
      QCOMPARE(parts.hex(), expected);
    }
  }
};

QTEST_APPLESS_MAIN(TestSha256)
#include "test_sha256.moc"
