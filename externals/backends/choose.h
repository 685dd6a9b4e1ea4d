#pragma once
// Which backend the settings name. Worker thread.

#include <functional>
#include <memory>

#include "core/backend.h"
#include "core/settings.h"

namespace sideman {

// make_embedded: the embedded Python as this host has it. Never null.
std::shared_ptr<Backend> choose_backend(
    const Settings& settings, const ConsoleLine& console,
    const std::function<std::shared_ptr<Backend>()>& make_embedded);

}  // namespace sideman
