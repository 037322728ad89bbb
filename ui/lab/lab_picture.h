// A picture in the Lab: what it shows, where it comes from, and how it is drawn.
//
// Thread safety: values and free functions of the GUI thread.
#pragma once

#include <QImage>
#include <QString>
#include <map>
#include <vector>

#include "core/compose/lab.h"

namespace incipit {

struct LabPicture {
  Picture picture;
  QString title;  // one line: the piece and the place in it, or the model and the number
  Latent latent;  // empty where it has none
};

// A pixel a cell, the highest key on top: grey, or the first three channels as red, green and blue.
QImage imageOf(const Picture& picture);

}  // namespace incipit
