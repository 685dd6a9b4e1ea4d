// sideman~ for Pure Data. Pd calls everything on its main thread; with callbacks perform() and Pd's
// clocks run on the audio driver's, under Pd's lock. The object owns an Instrument; a clock reads
// what it has to say. Nothing here waits for the model.

#include <m_pd.h>

#if defined(_WIN32)
#include <windows.h>
#else
#include <dlfcn.h>
#endif

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/paths.h"
#include "host/arguments.h"
#include "host/backends.h"
#include "host/instrument.h"
#include "pd/arrays.h"

namespace {

using sideman::Atom;
using sideman::Atoms;

constexpr double tick_ms = 20.0;

t_class* sideman_class = nullptr;

// Pd has channels from 0.54 on; this binary also loads where it has none.
constexpr int multichannel_class = 0x10;  // CLASS_MULTICHANNEL
using SetMultiOut = void (*)(t_signal** signal, int channels);
SetMultiOut set_multi_out = nullptr;

SetMultiOut find_multi_out() {
#if defined(_WIN32)
  return reinterpret_cast<SetMultiOut>(
      reinterpret_cast<void (*)()>(GetProcAddress(GetModuleHandleA("pd.dll"), "signal_setmultiout")));
#else
  return reinterpret_cast<SetMultiOut>(dlsym(RTLD_DEFAULT, "signal_setmultiout"));
#endif
}

// A signal as Pd has it from 0.54 on; the header may be older.
struct Channels {
  int samples;
  t_sample* first;
  t_float rate;
  int count;
};

int channels_of(const t_signal* signal) {
  return set_multi_out ? std::max(1, reinterpret_cast<const Channels*>(signal)->count) : 1;
}

// A multichannel signal is heard as the mean of its channels, as `render` takes a sound.
struct Mixed {
  const t_sample* first = nullptr;
  int channels = 1;
  std::vector<t_sample> mean;

  void mix() {
    const size_t samples = mean.size();
    const t_sample share = t_sample{1} / static_cast<t_sample>(channels);
    for (size_t i = 0; i < samples; ++i) {
      t_sample sum = 0;
      for (int channel = 0; channel < channels; ++channel) {
        sum += first[static_cast<size_t>(channel) * samples + i];
      }
      mean[i] = share * sum;
    }
  }
};

struct Body {
  sideman::PdArrays arrays;  // outlives the instrument
  std::unique_ptr<sideman::Instrument> instrument;
  t_clock* clock = nullptr;
  t_outlet* messages = nullptr;
  int outlets = 0;  // of signals
  std::string folder;  // of the patch
  bool multichannel = false;
  int channels = 0;  // of the multichannel outlet, as the signal chain has it
  const t_sample* in[sideman::heard_channels] = {};
  std::array<Mixed, sideman::heard_channels> mixed;
  std::vector<t_sample*> out;
};

// What Pd allocates, with zeros and no constructor; everything of C++ is in the body.
struct SidemanTilde {
  t_object object;
  t_float inlet_value;
  Body* body;
};

// Pd takes every method as the type that fits none; the detour says that this is meant.
template <typename Method = t_method, typename Function>
Method as_method(Function* function) {
  return reinterpret_cast<Method>(reinterpret_cast<void (*)()>(function));
}

// A path that is not whole lies beside the patch, where there is such a file: patches may be moved
// with what belongs to them.
std::string beside(const std::string& folder, std::string word) {
  if (word.find('/') == std::string::npos || sys_isabsolutepath(word.c_str())) return word;
  std::error_code ignored;
  const std::string whole = folder + "/" + word;
  return std::filesystem::exists(sideman::path_from_utf8(whole), ignored) ? whole : word;
}

Atoms from_pd(int count, const t_atom* values, const std::string& folder) {
  Atoms atoms;
  for (int i = 0; i < count; ++i) {
    if (values[i].a_type == A_FLOAT) {
      atoms.push_back(sideman::number_atom(values[i].a_w.w_float));
    } else if (values[i].a_type == A_SYMBOL) {
      atoms.push_back(beside(folder, values[i].a_w.w_symbol->s_name));
    }
  }
  return atoms;
}

void speak(t_outlet* outlet, const sideman::Message& message) {
  std::vector<t_atom> values(message.atoms.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (const auto number = sideman::to_number(message.atoms[i])) {
      SETFLOAT(&values[i], static_cast<t_float>(*number));
    } else {
      SETSYMBOL(&values[i], gensym(std::get<std::string>(message.atoms[i]).c_str()));
    }
  }
  outlet_anything(outlet, gensym(message.selector.c_str()), static_cast<int>(values.size()),
                  values.data());
}

void print(SidemanTilde* x, const sideman::Line& line) {
  switch (line.loudness) {
    case sideman::Loudness::error:
      pd_error(x, "sideman~: %s", line.text.c_str());
      break;
    case sideman::Loudness::warning:
      logpost(x, 2, "sideman~: %s", line.text.c_str());
      break;
    case sideman::Loudness::note:
      post("sideman~: %s", line.text.c_str());
      break;
  }
}

// No exception may reach Pd, which is C.
template <typename Action>
void guarded(SidemanTilde* x, Action action) noexcept {
  try {
    action();
  } catch (const std::exception& trouble) {
    pd_error(x, "sideman~: given up: %s; the patch plays on", trouble.what());
  } catch (...) {
    pd_error(x, "sideman~: given up: unknown exception; the patch plays on");
  }
}

// Another number of parts sounds: the signal chain must be built again, with as many channels.
void follow_parts(Body& body) {
  const int sounding = body.instrument->sounding_parts();
  if (body.multichannel && sounding != 0 && sounding != body.channels &&
      sounding == static_cast<int>(body.instrument->settings().parts.size())) {
    canvas_update_dsp();
  }
}

void tick(SidemanTilde* x) {
  clock_delay(x->body->clock, tick_ms);
  guarded(x, [&] {
    x->body->instrument->tick();
    follow_parts(*x->body);
  });
}

void anything(SidemanTilde* x, t_symbol* selector, int count, t_atom* values) {
  guarded(x, [&] { x->body->instrument->handle(selector->s_name,
                                                from_pd(count, values, x->body->folder)); });
}

t_int* perform(t_int* words) {
  auto* body = reinterpret_cast<Body*>(words[1]);
  const auto samples = static_cast<int>(words[2]);
  for (Mixed& inlet : body->mixed) {
    if (inlet.channels > 1) inlet.mix();
  }
  body->instrument->process(body->in, body->out.data(), static_cast<int>(body->out.size()),
                            samples);
  return words + 3;
}

void dsp(SidemanTilde* x, t_signal** signals) {
  Body& body = *x->body;
  guarded(x, [&] { body.instrument->prepare(signals[0]->s_sr, signals[0]->s_n); });
  for (int inlet = 0; inlet < sideman::heard_channels; ++inlet) {
    Mixed& mixed = body.mixed[static_cast<size_t>(inlet)];
    mixed.first = signals[inlet]->s_vec;
    mixed.channels = channels_of(signals[inlet]);
    mixed.mean.assign(mixed.channels > 1 ? static_cast<size_t>(signals[0]->s_n) : 0, 0);
    body.in[inlet] = mixed.channels > 1 ? mixed.mean.data() : mixed.first;
  }
  t_signal** outs = signals + sideman::heard_channels;
  body.channels = body.multichannel
                      ? static_cast<int>(body.instrument->settings().parts.size()) : 1;
  body.out.clear();
  for (int outlet = 0; outlet < body.outlets; ++outlet) {
    if (set_multi_out) set_multi_out(&outs[outlet], body.channels);
    for (int channel = 0; channel < body.channels; ++channel) {
      body.out.push_back(outs[outlet]->s_vec + channel * signals[0]->s_n);
    }
  }
  dsp_add(perform, 2, reinterpret_cast<t_int>(&body), static_cast<t_int>(signals[0]->s_n));
}

std::unique_ptr<Body> make_body(SidemanTilde* x, int count, const t_atom* values) {
  auto body = std::make_unique<Body>();
  body->folder = canvas_getcurrentdir()->s_name;
  sideman::Arguments arguments =
      sideman::read_arguments(from_pd(count, values, body->folder));
  for (const std::string& complaint : arguments.complaints) {
    print(x, {sideman::Loudness::error, complaint});
  }
  if (arguments.settings.mc && !set_multi_out) {
    print(x, {sideman::Loudness::error, "mc: this Pd has no multichannel signals, 0.54 and later do; "
                                        "there is an outlet for each part in its place"});
    arguments.settings.mc = false;
  }
  body->multichannel = arguments.settings.mc;
  body->outlets = body->multichannel ? 1 : static_cast<int>(arguments.settings.parts.size());
  Body* raw = body.get();
  body->instrument = std::make_unique<sideman::Instrument>(
      std::move(arguments.settings), sideman::make_backend,
      sideman::HostDoor{[raw](const sideman::Message& message) { speak(raw->messages, message); },
                        [x](const sideman::Line& line) { print(x, line); }, &raw->arrays});
  body->instrument->prepare(sys_getsr(), sys_getblksize());
  return body;
}

void* create(t_symbol*, int count, t_atom* values) {
  auto* x = reinterpret_cast<SidemanTilde*>(pd_new(sideman_class));
  x->inlet_value = 0;
  x->body = nullptr;
  guarded(x, [&] {
    x->body = make_body(x, count, values).release();
  });
  if (!x->body) {
    pd_free(reinterpret_cast<t_pd*>(x));
    return nullptr;
  }
  inlet_new(&x->object, &x->object.ob_pd, &s_signal, &s_signal);  // the sketch
  for (int outlet = 0; outlet < x->body->outlets; ++outlet) {
    outlet_new(&x->object, &s_signal);
  }
  x->body->messages = outlet_new(&x->object, nullptr);
  x->body->clock = clock_new(x, as_method(tick));
  clock_delay(x->body->clock, 0);
  return x;
}

void destroy(SidemanTilde* x) {
  if (!x->body) {
    return;
  }
  clock_free(x->body->clock);
  delete x->body;
}

}  // namespace

extern "C" {
#if defined(_WIN32)
__declspec(dllexport)
#else
__attribute__((visibility("default")))
#endif
void sideman_tilde_setup() {
  set_multi_out = find_multi_out();
  sideman_class = class_new(gensym("sideman~"), as_method<t_newmethod>(create), as_method(destroy),
                            sizeof(SidemanTilde), set_multi_out ? multichannel_class : CLASS_DEFAULT,
                            A_GIMME, A_NULL);
  CLASS_MAINSIGNALIN(sideman_class, SidemanTilde, inlet_value);
  class_addmethod(sideman_class, as_method(dsp), gensym("dsp"), A_CANT, A_NULL);
  class_addanything(sideman_class, as_method(anything));
  // Pd does not free its objects when it quits.
  std::atexit(sideman::quit_all);
}
}
