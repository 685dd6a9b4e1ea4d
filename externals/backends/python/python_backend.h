#pragma once
// PythonBackend speaks to a model through the bridge's C table. It holds no Python: the table comes
// from the bridge library of the user's venv, or, inside a Python process, from `_core` itself.
// The engine's worker makes all calls but `cancel`. A call takes as long as Python takes; when it
// never returns, the worker that made it is the only one who waits.

#include <functional>
#include <memory>
#include <mutex>

#include "backends/python/bridge_abi.h"
#include "core/backend.h"

namespace sideman {

class ConsoleVoice;

// Where the table comes from. Called on the worker; may take seconds the first time.
using BridgeSource =
    std::function<Status(const OpenRequest& request, const sideman_bridge_table*& table)>;

// The usual source: the venv of the request, its bridge library, its interpreter.
Status bridge_of_venv(const OpenRequest& request, const sideman_bridge_table*& table);

// For a host that quits: cancels every call into Python and waits for the end of those that run.
// True when none is left. From then on Python is not entered again. Any thread but audio.
bool stop_python(int32_t milliseconds);

class PythonBackend final : public Backend {
 public:
  explicit PythonBackend(ConsoleLine console, BridgeSource source = bridge_of_venv);
  ~PythonBackend() override;

  Status open(const OpenRequest& request, ModelInfo& info) override;
  Status reset(const StreamPlan& plan) override;
  Status generate(const HopRequest& request, HopResult& result) override;
  void close() override;
  void cancel() noexcept override;

 private:
  sideman_bridge_session* take_session() noexcept;

  BridgeSource source_;
  std::unique_ptr<ConsoleVoice> voice_;
  const sideman_bridge_table* table_ = nullptr;
  std::mutex mutex_;  // orders `cancel` against the end of the session; held for an instant
  sideman_bridge_session* session_ = nullptr;
};

}  // namespace sideman
