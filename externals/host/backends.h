#pragma once
// Which backend the `backend` setting means. Called by the engine on its worker thread.

#include <memory>

#include "core/engine.h"

namespace sideman {

// embedded: the interpreter of the user's venv; remote: the server; auto: the server where `host` is
// set and it answers, else embedded; echo: the delay. Never null.
std::shared_ptr<Backend> make_backend(const Settings& settings, ConsoleLine console);

// For a host that quits: ends the calls of all backends of this process within the given time.
void stop_backends(int milliseconds);

}  // namespace sideman
