#include "backends/python/bridge_calls.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "backends/python/call_gate.h"
#include "backends/python/lent_memory.h"
#include "backends/python/python_error.h"
#include "backends/python/python_session.h"

namespace py = pybind11;

struct sideman_bridge_session {
  sideman::CancelFlag cancelled;
  std::unique_ptr<sideman::PythonSession> python;
};

namespace sideman {

void write_error(sideman_bridge_error* error, const char* line) noexcept {
  if (!error || error->capacity == 0) return;
  const size_t length = std::min<size_t>(std::strlen(line), error->capacity - 1);
  std::memcpy(error->text, line, length);
  error->text[length] = 0;
}

namespace {

class Inside {
 public:
  Inside() : entered_(calls().enter()) {}
  ~Inside() {
    if (entered_) calls().leave();
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  explicit operator bool() const { return entered_; }

 private:
  bool entered_;
};

// Runs `work` with the GIL held; every exception becomes a code and a line.
template <typename Work>
int with_python(sideman_bridge_error* error, Work work) {
  try {
    work();
    return SIDEMAN_BRIDGE_OK;
  } catch (const py::error_already_set& raised) {
    const PythonFailure failure = describe(raised);
    write_error(error, failure.line.c_str());
    return failure.code;
  } catch (const std::exception& raised) {
    write_error(error, raised.what());
    return SIDEMAN_BRIDGE_FAILED;
  }
}

// One call of a session. A cancel that comes during it is used up by it.
template <typename Work>
int session_call(sideman_bridge_session* session, sideman_bridge_error* error, Work work) {
  const Inside inside;
  if (!inside) return SIDEMAN_BRIDGE_CANCELLED;
  const py::gil_scoped_acquire gil;
  const int code = work(error);
  session->cancelled->store(false);
  return code;
}

int open(const sideman_bridge_open* request, sideman_bridge_model* model,
         sideman_bridge_session** session, sideman_bridge_error* error) {
  const Inside inside;
  if (!inside) return SIDEMAN_BRIDGE_CANCELLED;
  auto opened = std::make_unique<sideman_bridge_session>();
  opened->cancelled = calls().new_flag();
  const py::gil_scoped_acquire gil;
  const int code = with_python(error, [&] {
    opened->python = std::make_unique<PythonSession>(*request, opened->cancelled, *model);
  });
  if (code == SIDEMAN_BRIDGE_OK) *session = opened.release();
  return code;
}

int reset(sideman_bridge_session* session, const sideman_bridge_plan* plan,
          sideman_bridge_error* error) {
  return session_call(session, error, [&](sideman_bridge_error* line) {
    return with_python(line, [&] { session->python->reset(*plan); });
  });
}

int generate(sideman_bridge_session* session, sideman_bridge_hop* hop,
             sideman_bridge_error* error) {
  // A cancel that came just before the call counts too, or a hop that hangs could miss its own.
  if (session->cancelled->exchange(false)) return SIDEMAN_BRIDGE_CANCELLED;
  return session_call(session, error, [&](sideman_bridge_error* line) {
    int played = SIDEMAN_BRIDGE_FAILED;
    const int lent = with_python(line, [&] {
      const LentMemory window(hop->window, {hop->window_samples, hop->channels});
      const LentMemory out(hop->audio, {hop->parts, hop->hop_samples});
      // The exception, and the frames it holds, are gone before the memory is asked for.
      played = with_python(line, [&] { session->python->step(*hop, window.view(), out.view()); });
      const bool came_back = window.came_back() && out.came_back();
      if (!came_back && played == SIDEMAN_BRIDGE_OK) {
        throw std::logic_error("the model kept the audio of a hop: it must copy what it keeps");
      }
    });
    return lent != SIDEMAN_BRIDGE_OK ? lent : played;
  });
}

void cancel(sideman_bridge_session* session) { session->cancelled->store(true); }

// When the host quits, a session is not freed, because that needs Python, but kept.
void keep_until_the_end(sideman_bridge_session* session) {
  static std::mutex& mutex = *new std::mutex;
  static auto& kept = *new std::vector<sideman_bridge_session*>;
  const std::lock_guard lock(mutex);
  kept.push_back(session);
}

void close(sideman_bridge_session* session) {
  const Inside inside;
  if (!inside) return keep_until_the_end(session);
  const py::gil_scoped_acquire gil;
  delete session;
}

int stop(int32_t milliseconds) { return calls().stop(milliseconds) ? 0 : 1; }

}  // namespace

sideman_bridge_table make_table(decltype(sideman_bridge_table::start) start) {
  return {SIDEMAN_BRIDGE_ABI, sizeof(sideman_bridge_table), start, open, reset, generate, cancel,
          close, stop};
}

}  // namespace sideman
