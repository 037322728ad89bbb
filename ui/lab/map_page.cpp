#include "ui/lab/map_page.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <utility>

#include "ui/lab/draw_page.h"
#include "ui/lab/map_view.h"
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
constexpr int kListHeight = 128;
constexpr int kMostPoints = 100'000;
constexpr int kMoreLikeThis = 12;

}  // namespace

MapPage::MapPage(const LabParts& parts, QWidget* parent)
    : QWidget(parent),
      parts_(parts),
      work_(parts.jobs),
      hearing_(parts.jobs),
      music_(new MusicForm("labMap", /*kinds=*/false, parts.settings)),
      model_(new ModelCombo(parts, "labMapModelCombo", tr("A model with a latent space"),
                            [](const FamilyInfo& f) { return f.latents; })),
      layout_(makeCombo("labMapLayoutCombo", tr("How the latent space is laid on a plane"))),
      colours_(makeCombo("labMapColourCombo", tr("What the colours stand for"))),
      most_(makeSpin("labMapMostSpin", kMostPoints, tr("Pictures on the map, at most"))),
      bar_(new WorkBar(work_, "labMap", tr("Draw the map"))),
      view_(new MapView),
      list_(new PictureList),
      panel_(new PicturePanel(parts)),
      steps_(makeSpin("labMapStepsSpin", 64, tr("Pictures from A to B, both among them"))),
      morph_(new QPushButton(tr("Morph A to B"))),
      distance_(new QDoubleSpinBox),
      more_(new QPushButton(tr("More like this"))) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(16, 14, 16, 14);
  row->setSpacing(14);
  row->addWidget(buildLabSide(buildForm(), bar_));
  row->addWidget(makeVerticalLine());
  row->addWidget(buildMiddle(), 1);
  row->addWidget(makeVerticalLine());
  buildPanel();
  row->addWidget(panel_);
  connect(bar_, &WorkBar::startWanted, this, &MapPage::start);
  const auto showReady = [this] {
    if (model_->model().empty()) {
      bar_->setReady(false, tr("Train a roll-vae first."));
    } else {
      bar_->setReady(music_->ready());
    }
  };
  connect(model_, &ModelCombo::modelChanged, this, showReady);
  connect(music_, &MusicForm::changed, this, showReady);
  connect(colours_, &QComboBox::currentIndexChanged, this, &MapPage::showColours);
  connect(view_, &MapView::pointClicked, this, &MapPage::choose);
  connect(view_, &MapView::heard, this, &MapPage::hear);
  connect(list_, &PictureList::chosenChanged, this, [this] {
    std::vector<LabPicture> chosen;
    for (const LabPicture* p : list_->chosen()) chosen.push_back(*p);
    if (!chosen.empty()) panel_->show(std::move(chosen));
  });
  connect(&hearing_, &LabWork::changed, this, &MapPage::showButtons);
  showButtons();
  showReady();
}

QWidget* MapPage::buildForm() {
  auto* form = new QWidget;
  auto* column = new QVBoxLayout(form);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  layout_->addItem(tr("Principal components"), static_cast<int>(MapLayout::kPrincipal));
  layout_->addItem(tr("Neighbours"), static_cast<int>(MapLayout::kNeighbours));
  colours_->addItem(tr("Set"), static_cast<int>(MapColours::kSet));
  colours_->addItem(tr("Composer"), static_cast<int>(MapColours::kComposer));
  colours_->addItem(tr("Key"), static_cast<int>(MapColours::kKey));
  most_->setMinimum(1);
  most_->setValue(parts_.settings.value("lab/mapMost", 4000).toInt());
  addField(column, tr("Model"), model_);
  column->addWidget(music_);
  addPair(column, tr("Layout"), layout_, tr("Pictures"), most_);
  addField(column, tr("Colours"), colours_);
  return form;
}

QWidget* MapPage::buildMiddle() {
  auto* middle = new QWidget;
  auto* column = new QVBoxLayout(middle);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  list_->setObjectName("labMapList");
  list_->setAccessibleName(tr("Pictures of the morph, or like the chosen one"));
  list_->setFixedHeight(kListHeight);
  list_->setWrapping(false);
  list_->setFlow(QListView::LeftToRight);
  column->addWidget(view_, 1);
  column->addWidget(list_);
  return middle;
}

void MapPage::buildPanel() {
  panel_->setFixedWidth(kPanelWidth);
  steps_->setMinimum(2);
  steps_->setValue(5);
  morph_->setObjectName("labMapMorphButton");
  morph_->setToolTip(tr("Ctrl and click on the map sets A, then B"));
  distance_->setObjectName("labMapDistanceSpin");
  distance_->setRange(0, 4);
  distance_->setSingleStep(0.05);
  distance_->setValue(0.4);
  distance_->setToolTip(tr("How far from the chosen phrase"));
  more_->setObjectName("labMapMoreButton");
  more_->setToolTip(tr("Draws pictures from around the chosen phrase"));
  panel_->column()->addWidget(makeHorizontalLine());
  addPair(panel_->column(), tr("Steps"), steps_, {}, morph_);
  addPair(panel_->column(), tr("Distance"), distance_, {}, more_);
  panel_->column()->addStretch(1);
  connect(morph_, &QPushButton::clicked, this, &MapPage::morphEnds);
  connect(more_, &QPushButton::clicked, this, &MapPage::moreLikeThis);
}

void MapPage::reload() { model_->reload(); }

void MapPage::start() {
  parts_.settings.setValue("lab/mapMost", most_->value());
  MusicMapRequest request;
  request.checkpoint = model_->model();
  request.music = music_->choice();
  request.layout = static_cast<MapLayout>(layout_->currentData().toInt());
  request.most = most_->value();
  using Made = std::shared_ptr<const MusicMap>;
  work_.ask<Made>(
      JobRunner::Where::kInteractive,
      [request](Lab& lab, const LabProgress& progress, const std::stop_token& stop) {
        return makeMusicMap(lab, request, progress, stop);
      },
      [this](Result<Made> made) { showMap(std::move(made)); });
}

void MapPage::showMap(Result<std::shared_ptr<const MusicMap>> map) {
  if (!map) {
    const QString why = QString::fromStdString(map.error().message);
    if (why == "cancelled") {
      bar_->showNews(tr("Stopped; the map there was stays."));
    } else {
      bar_->showProblem(why);
    }
    return;
  }
  hearing_.cancel();
  next_.reset();
  map_ = std::move(*map);
  chosen_ = from_ = to_ = -1;
  view_->setPoints(map_->points);
  showColours();
  QString news = tr("%1 of %2 pictures.").arg(map_->points.size()).arg(map_->all);
  if (map_->layout == MapLayout::kPrincipal) {
    constexpr double kPercent = 100;
    news += " " + tr("The plane has %1 % of the differences.")
                      .arg(kPercent * (map_->plane.shares[0] + map_->plane.shares[1]), 0, 'f', 0);
  }
  bar_->showNews(news);
  showButtons();
}

void MapPage::showColours() {
  if (map_ == nullptr) return;
  MapLegend legend = legendOf(*map_, static_cast<MapColours>(colours_->currentData().toInt()));
  view_->setCategories(std::move(legend.category), std::move(legend.names));
}

std::optional<LabPicture> MapPage::musicAt(int point) {
  const auto i = static_cast<std::size_t>(point);
  auto picture = map_->set->picture(map_->entries[i]);
  if (!picture) {
    bar_->showProblem(QString::fromStdString(picture.error().message));
    return {};
  }
  return LabPicture{std::move(*picture), QString::fromStdString(map_->set->name(map_->entries[i])),
                    map_->latents[i]};
}

void MapPage::choose(int point, Qt::KeyboardModifiers modifiers) {
  chosen_ = point;
  if ((modifiers & Qt::ControlModifier) != 0) {
    // The first sets A, the second B, the third begins anew.
    if (from_ < 0 || to_ >= 0) {
      from_ = point;
      to_ = -1;
    } else {
      to_ = point;
    }
    view_->setEnds(from_, to_);
  }
  showButtons();
}

void MapPage::hear(MapPoint place, int point) {
  next_ = {place, point};
  hearNext();
}

// The last place that was asked for, once the one before is there.
void MapPage::hearNext() {
  if (!next_ || map_ == nullptr || hearing_.running()) return;
  const auto [place, point] = *std::exchange(next_, {});
  if (point >= 0) {
    if (auto music = musicAt(point)) {
      panel_->show({std::move(*music)});
      panel_->play();
    }
    return;
  }
  imagine({map_->latentAt(place)}, [this](std::vector<LabPicture> pictures) {
    if (pictures.empty()) return;
    pictures.front().title = tr("What the model imagines there");
    panel_->show(std::move(pictures));
    panel_->play();
  });
}

void MapPage::imagine(std::vector<Latent> latents,
                      std::function<void(std::vector<LabPicture>)> done) {
  ImagineRequest request;
  request.checkpoint = map_->checkpoint;
  request.latents = std::move(latents);
  hearing_.ask<Imagined>(
      JobRunner::Where::kInteractive,
      [request = std::move(request)](Lab& lab, const LabProgress& progress,
                                     const std::stop_token& stop) {
        return lab.imagine(request, progress, stop);
      },
      [this, model = map_->checkpoint, done = std::move(done)](Result<Imagined> imagined) {
        if (imagined) {
          done(labPictures(std::move(*imagined), model));
        } else {
          bar_->showProblem(QString::fromStdString(imagined.error().message));
        }
        hearNext();
      });
}

void MapPage::morphEnds() {
  if (map_ == nullptr || from_ < 0 || to_ < 0) return;
  auto first = musicAt(from_);
  auto last = musicAt(to_);
  if (!first || !last) return;
  auto latents = morph(first->latent, last->latent, steps_->value());
  imagine(std::move(latents), [this, first = std::move(*first),
                               last = std::move(*last)](std::vector<LabPicture> pictures) mutable {
    if (pictures.size() < 2) return;
    for (std::size_t i = 1; i + 1 < pictures.size(); ++i) {
      pictures[i].title = tr("Step %1 of %2").arg(i + 1).arg(pictures.size());
    }
    // A morph begins and ends with the phrases themselves.
    pictures.front() = std::move(first);
    pictures.back() = std::move(last);
    list_->setPictures(std::move(pictures));
    list_->selectAll();
  });
}

void MapPage::showMorph(int from, int to) {
  choose(from, Qt::ControlModifier);
  choose(to, Qt::ControlModifier);
  morphEnds();
}

void MapPage::moreLikeThis() {
  if (map_ == nullptr || chosen_ < 0) return;
  auto chosen = musicAt(chosen_);
  if (!chosen) return;
  auto latents = around(chosen->latent, kMoreLikeThis, distance_->value(), 1);
  imagine(std::move(latents),
          [this, chosen = std::move(*chosen)](std::vector<LabPicture> pictures) mutable {
            pictures.insert(pictures.begin(), std::move(chosen));
            list_->setPictures(std::move(pictures));
          });
}

void MapPage::showButtons() {
  const bool free = map_ != nullptr && !hearing_.running();
  morph_->setEnabled(free && from_ >= 0 && to_ >= 0);
  more_->setEnabled(free && chosen_ >= 0);
}

}  // namespace incipit
