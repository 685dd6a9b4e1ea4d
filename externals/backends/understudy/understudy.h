#pragma once
// Understudy: a backend that answers in the call, on a thread of its own, so that it can stand ready
// beside another. Its calls are the worker's, and none of them waits but `generate` and `opened`.
// Nobody joins the thread: a backend may hang, and the thread holds all that it uses.

#include <memory>
#include <optional>
#include <string>

#include "core/backend.h"

namespace sideman {

class Understudy {
 public:
  enum class Readiness { opening, ready, failed };

  explicit Understudy(std::shared_ptr<Backend> backend);
  ~Understudy();
  Understudy(const Understudy&) = delete;
  Understudy& operator=(const Understudy&) = delete;

  // Begins to open the model.
  void open(const OpenRequest& request);
  // Waits for the end of it.
  Status opened(ModelInfo& info);
  // Every plan that comes before it is open is kept for then. What was asked for is forgotten.
  void reset(const StreamPlan& plan);
  // False where it cannot play: still opening, failed, made for another grid, or too far behind.
  bool ask(const HopRequest& request);
  std::optional<Answer> take(HopResult& result);
  // One hop, and waits for it.
  Status generate(const HopRequest& request, HopResult& result);
  Readiness readiness() const;
  // Why it cannot play; empty while it can or may.
  std::string reason() const;
  void close();
  void cancel() noexcept;

 private:
  struct Inner;
  std::shared_ptr<Inner> inner_;
};

}  // namespace sideman
