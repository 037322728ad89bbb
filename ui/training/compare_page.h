// The page that compares installed models: by figures on held-out music, and by blind listening.
//
// Thread safety: GUI thread only.
#pragma once

#include <QSettings>
#include <QWidget>
#include <functional>

#include "ui/training/blind_test.h"
#include "ui/training/comparison_session.h"

class QLabel;
class QProgressBar;
class QPushButton;
class QTabWidget;

namespace incipit {

class CompareForm;
class ListenView;
class Player;
class Session;
class Takes;

class ComparePage : public QWidget {
  Q_OBJECT

 public:
  struct Parts {  // all outlive the page; jobs and player may be null
    Session& session;
    Takes& takes;
    JobRunner* jobs;
    Player* player;
    QSettings& settings;
  };
  enum class View { kFigures, kListen };

  // `worker` says at each start which worker is free for it.
  ComparePage(const Parts& parts, std::function<Catalogue()> models,
              std::function<JobRunner::Where()> worker, QWidget* parent = nullptr);
  ~ComparePage() override;

  void setFolder(const QString& folder);
  void reload();  // models and ratings
  void showView(View view);
  ComparisonSession& comparison() { return comparison_; }
  BlindTest& blindTest() { return blind_; }

 private:
  QWidget* buildSide();
  void startOrStop();
  void showState();

  JobRunner* jobs_;
  std::function<JobRunner::Where()> worker_;
  ComparisonSession comparison_;
  BlindTest blind_;
  CompareForm* form_;
  ListenView* listen_;
  QTabWidget* tabs_;
  QLabel* problem_ = nullptr;
  QLabel* doing_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QPushButton* start_ = nullptr;
};

}  // namespace incipit
