#include "ui/lab/draw_page.h"

#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QPushButton>
#include <QSpinBox>
#include <utility>

#include "core/compose/latent_map.h"
#include "ui/lab/model_combo.h"
#include "ui/lab/music_page.h"
#include "ui/lab/picture_list.h"
#include "ui/lab/picture_panel.h"
#include "ui/lab/work_bar.h"
#include "ui/panels/parts.h"
#include "ui/training/form_parts.h"

namespace incipit {
namespace {

constexpr int kPanelWidth = 320;
constexpr int kMostDrawn = 1000;
constexpr int kMoreLikeThis = 12;

QDoubleSpinBox* makeShare(const char* name, double value, double most, const QString& help) {
  auto* spin = new QDoubleSpinBox;
  spin->setObjectName(name);
  spin->setRange(0, most);
  spin->setSingleStep(0.05);
  spin->setValue(value);
  spin->setToolTip(help);
  return spin;
}

}  // namespace

std::vector<LabPicture> labPictures(Imagined imagined, const std::filesystem::path& model) {
  std::vector<LabPicture> out;
  const QString name = QString::fromStdString(model.stem().string());
  for (std::size_t i = 0; i < imagined.pictures.size(); ++i) {
    out.push_back({std::move(imagined.pictures[i]),
                   DrawPage::tr("%1, number %2").arg(name).arg(i + 1),
                   i < imagined.latents.size() ? std::move(imagined.latents[i]) : Latent()});
  }
  return out;
}

DrawPage::DrawPage(const LabParts& parts, QWidget* parent)
    : QWidget(parent),
      parts_(parts),
      work_(parts.jobs),
      model_(new ModelCombo(
          parts, "labDrawModelCombo", tr("A model that draws pictures"),
          [](const FamilyInfo& f) { return f.kind == FamilyInfo::Kind::kPictures; })),
      count_(makeSpin("labDrawCountSpin", kMostDrawn, tr("How many pictures"))),
      seed_(makeSpin("labDrawSeedSpin", 1'000'000'000,
                     tr("The same number draws the same pictures"))),
      spread_(makeShare("labDrawSpreadSpin", 1, 4,
                        tr("How far from the usual: 0 draws one picture again and again"))),
      distance_(makeShare("labDrawDistanceSpin", 0.4, 4, tr("How far from the chosen picture"))),
      more_(new QPushButton(tr("More like this"))),
      bar_(new WorkBar(work_, "labDraw", tr("Draw"))),
      list_(new PictureList),
      panel_(new PicturePanel(parts)) {
  more_->setObjectName("labDrawMoreButton");
  more_->setToolTip(tr("Draws pictures from around the chosen one"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(16, 14, 16, 14);
  row->setSpacing(14);
  row->addWidget(buildLabSide(buildForm(), bar_));
  row->addWidget(makeVerticalLine());
  row->addWidget(list_, 1);
  row->addWidget(makeVerticalLine());
  panel_->setFixedWidth(kPanelWidth);
  panel_->column()->addWidget(makeHorizontalLine());
  addPair(panel_->column(), tr("Distance"), distance_, {}, more_);
  panel_->column()->addStretch(1);
  row->addWidget(panel_);
  connect(bar_, &WorkBar::startWanted, this, &DrawPage::start);
  connect(more_, &QPushButton::clicked, this, &DrawPage::moreLikeThis);
  connect(model_, &ModelCombo::modelChanged, this, [this] {
    bar_->setReady(!model_->model().empty(), tr("Train a model of pictures first."));
  });
  connect(list_, &PictureList::chosenChanged, this, [this] {
    std::vector<LabPicture> chosen;
    for (const LabPicture* p : list_->chosen()) chosen.push_back(*p);
    more_->setEnabled(chosen.size() == 1 && !chosen.front().latent.empty());
    panel_->show(std::move(chosen));
  });
  more_->setEnabled(false);
  reload();
}

QWidget* DrawPage::buildForm() {
  auto* form = new QWidget;
  auto* column = new QVBoxLayout(form);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  count_->setMinimum(1);
  count_->setValue(parts_.settings.value("lab/drawCount", 48).toInt());
  seed_->setValue(1);
  addField(column, tr("Model"), model_);
  addPair(column, tr("Pictures"), count_, tr("Spread"), spread_);
  addField(column, tr("Seed"), seed_);
  return form;
}

void DrawPage::reload() { model_->reload(); }

void DrawPage::start() {
  parts_.settings.setValue("lab/drawCount", count_->value());
  ImagineRequest request;
  request.checkpoint = model_->model();
  request.count = count_->value();
  request.seed = static_cast<std::uint64_t>(seed_->value());
  request.temperature = spread_->value();
  imagine(std::move(request), /*keepFirst=*/false);
}

void DrawPage::moreLikeThis() {
  const LabPicture* chosen = list_->current();
  if (chosen == nullptr || chosen->latent.empty()) return;
  ImagineRequest request;
  request.checkpoint = model_->model();
  request.latents = around(chosen->latent, kMoreLikeThis, distance_->value(),
                           static_cast<std::uint64_t>(seed_->value()));
  imagine(std::move(request), /*keepFirst=*/true);
}

void DrawPage::imagine(ImagineRequest request, bool keepFirst) {
  std::vector<LabPicture> before;
  if (keepFirst) before.push_back(*list_->current());
  work_.ask<Imagined>(
      JobRunner::Where::kInteractive,
      [request = std::move(request)](Lab& lab, const LabProgress& progress,
                                     const std::stop_token& stop) {
        return lab.imagine(request, progress, stop);
      },
      [this, before = std::move(before)](Result<Imagined> imagined) mutable {
        show(std::move(imagined), std::move(before));
      });
}

void DrawPage::show(Result<Imagined> imagined, std::vector<LabPicture> before) {
  if (!imagined) {
    bar_->showProblem(QString::fromStdString(imagined.error().message));
    return;
  }
  for (LabPicture& p : labPictures(std::move(*imagined), model_->model())) {
    before.push_back(std::move(p));
  }
  list_->setPictures(std::move(before));
}

}  // namespace incipit
