#include "ui/lab/music_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <algorithm>

#include "core/corpus/corpus_files.h"
#include "ui/lab/music_map.h"
#include "ui/lab/picture_list.h"
#include "ui/lab/picture_panel.h"
#include "ui/lab/work_bar.h"
#include "ui/panels/parts.h"

namespace incipit {
namespace {

constexpr std::size_t kMostShown = 600;
constexpr int kMostMeasured = 40;  // pieces that losses are counted on
constexpr int kSideWidth = 290;
constexpr int kPanelWidth = 320;

QString percent(std::int64_t part, std::int64_t all) {
  return QLocale().toString(100.0 * static_cast<double>(part) / static_cast<double>(all), 'f', 1) +
         " %";
}

QString lossText(const PictureLoss& loss, int pieces) {
  if (loss.notes == 0) return {};
  const double kept = static_cast<double>(std::max<std::int64_t>(1, loss.kept));
  const auto ms = [](double seconds) { return QLocale().toString(1000 * seconds, 'f', 1) + " ms"; };
  return MusicPage::tr(
             "Of %1 pieces, %2 of the notes are kept; of these %3 have their velocity and "
             "%4 their instrument. Starts are off by %5 on average, lengths by %6.")
      .arg(pieces)
      .arg(percent(loss.kept, loss.notes),
           percent(loss.velocities, static_cast<std::int64_t>(kept)),
           percent(loss.programs, static_cast<std::int64_t>(kept)), ms(loss.onsetError / kept),
           ms(loss.lengthError / kept));
}

}  // namespace

QWidget* buildLabSide(QWidget* form, QWidget* foot) {
  auto* side = new QWidget;
  side->setFixedWidth(kSideWidth);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  column->addWidget(form);
  column->addWidget(foot);
  column->addStretch(1);
  return side;
}

MusicPage::MusicPage(const LabParts& parts, QWidget* parent)
    : QWidget(parent),
      parts_(parts),
      work_(parts.jobs),
      form_(new MusicForm("labMusic", /*kinds=*/true, parts.settings)),
      bar_(new WorkBar(work_, "labMusic", tr("Show as pictures"))),
      loss_(makeLabel({}, "caption")),
      list_(new PictureList),
      panel_(new PicturePanel(parts)) {
  loss_->setObjectName("labMusicLoss");
  loss_->setWordWrap(true);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(16, 14, 16, 14);
  row->setSpacing(14);
  QWidget* side = buildLabSide(form_, bar_);
  qobject_cast<QVBoxLayout*>(side->layout())->insertWidget(2, loss_);
  row->addWidget(side);
  row->addWidget(makeVerticalLine());
  row->addWidget(list_, 1);
  row->addWidget(makeVerticalLine());
  panel_->setFixedWidth(kPanelWidth);
  panel_->column()->addStretch(1);
  row->addWidget(panel_);
  connect(bar_, &WorkBar::startWanted, this, &MusicPage::start);
  connect(form_, &MusicForm::changed, this, [this] { bar_->setReady(form_->ready()); });
  connect(list_, &PictureList::chosenChanged, this, [this] {
    std::vector<LabPicture> chosen;
    for (const LabPicture* p : list_->chosen()) chosen.push_back(*p);
    panel_->show(std::move(chosen));
  });
}

Result<MusicPage::Found> MusicPage::find(const MusicChoice& choice, const LabProgress& progress,
                                         const std::stop_token& stop) {
  constexpr double kOpening = 0.8;  // of the work
  const auto set = openMusic(
      choice, [&](double f) { progress(kOpening * f); }, stop);
  if (!set) return tl::unexpected(set.error());
  Found found;
  found.all = (*set)->entries().size();
  for (const std::uint32_t i : someOf(found.all, kMostShown)) {
    if (stop.stop_requested()) return found;
    auto picture = (*set)->picture(i);
    if (!picture) return tl::unexpected(picture.error());
    found.pictures.push_back(
        {std::move(*picture), QString::fromStdString((*set)->name(i)), Latent()});
  }
  const CorpusFiles files(choice.folder);
  for (const std::uint32_t i : someOf((*set)->pieces().size(), kMostMeasured)) {
    if (stop.stop_requested()) return found;
    const auto piece = files.readMidi((*set)->pieces()[i].file);
    if (!piece) continue;  // it was there a moment ago
    found.loss += pictureLoss(piece->document, choice.kind);
    ++found.pieces;
    progress(kOpening + (1 - kOpening) * found.pieces / kMostMeasured);
  }
  return found;
}

void MusicPage::start() {
  work_.start<Found>(
      JobRunner::Where::kInteractive,
      [choice = form_->choice()](const LabProgress& progress, const std::stop_token& stop) {
        return find(choice, progress, stop);
      },
      [this](Result<Found> found) { show(std::move(found)); });
}

void MusicPage::show(Result<Found> found) {
  if (!found) {
    bar_->showProblem(QString::fromStdString(found.error().message));
    return;
  }
  bar_->showNews(found->pictures.size() < found->all
                     ? tr("%1 of %2 pictures").arg(found->pictures.size()).arg(found->all)
                     : tr("%1 pictures").arg(found->all));
  loss_->setText(lossText(found->loss, found->pieces));
  list_->setPictures(std::move(found->pictures));
}

}  // namespace incipit
