{
 "patcher": {
  "fileversion": 1,
  "appversion": {
   "major": 8,
   "minor": 6,
   "revision": 0,
   "architecture": "x64",
   "modernui": 1
  },
  "classnamespace": "box",
  "rect": [
   100.0,
   100.0,
   860.0,
   700.0
  ],
  "boxes": [
   {
    "box": {
     "id": "obj-1",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      20,
      15,
      800,
      22.0
     ],
     "text": "Play, and hear your own playing back one reaction later, as another instrument."
    }
   },
   {
    "box": {
     "id": "obj-2",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      20,
      41,
      800,
      22.0
     ],
     "text": "feedback lets it hear its answer again; mix goes from your sound to the model's. Wear headphones."
    }
   },
   {
    "box": {
     "id": "obj-3",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "patching_rect": [
      40,
      178,
      56.0,
      22.0
     ],
     "outlettype": [
      "signal"
     ],
     "text": "adc~ 1"
    }
   },
   {
    "box": {
     "id": "obj-4",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      110,
      180,
      77.0,
      22.0
     ],
     "text": "the music"
    }
   },
   {
    "box": {
     "id": "obj-5",
     "maxclass": "newobj",
     "numinlets": 2,
     "numoutlets": 2,
     "patching_rect": [
      40,
      258,
      280.0,
      22.0
     ],
     "outlettype": [
      "signal",
      ""
     ],
     "text": "sideman~ mini @parts piano @mode delay"
    }
   },
   {
    "box": {
     "id": "obj-6",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      420,
      92,
      84.0,
      22.0
     ],
     "outlettype": [
      ""
     ],
     "text": "feedback 0"
    }
   },
   {
    "box": {
     "id": "obj-7",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      534.0,
      93,
      42.0,
      22.0
     ],
     "text": "once"
    }
   },
   {
    "box": {
     "id": "obj-8",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      420,
      122,
      98.0,
      22.0
     ],
     "outlettype": [
      ""
     ],
     "text": "feedback 0.5"
    }
   },
   {
    "box": {
     "id": "obj-9",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      534.0,
      123,
      84.0,
      22.0
     ],
     "text": "it goes on"
    }
   },
   {
    "box": {
     "id": "obj-10",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      420,
      152,
      49.0,
      22.0
     ],
     "outlettype": [
      ""
     ],
     "text": "mix 1"
    }
   },
   {
    "box": {
     "id": "obj-11",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      534.0,
      153,
      133.0,
      22.0
     ],
     "text": "the model's sound"
    }
   },
   {
    "box": {
     "id": "obj-12",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      420,
      182,
      63.0,
      22.0
     ],
     "outlettype": [
      ""
     ],
     "text": "mix 0.5"
    }
   },
   {
    "box": {
     "id": "obj-13",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      534.0,
      183,
      42.0,
      22.0
     ],
     "text": "both"
    }
   },
   {
    "box": {
     "id": "obj-14",
     "maxclass": "message",
     "numinlets": 2,
     "numoutlets": 1,
     "patching_rect": [
      420,
      212,
      56.0,
      22.0
     ],
     "outlettype": [
      ""
     ],
     "text": "lead 1"
    }
   },
   {
    "box": {
     "id": "obj-15",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      534.0,
      213,
      119.0,
      22.0
     ],
     "text": "a shorter delay"
    }
   },
   {
    "box": {
     "id": "obj-16",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      420,
      298,
      105.0,
      22.0
     ],
     "text": "print sideman"
    }
   },
   {
    "box": {
     "id": "obj-17",
     "maxclass": "ezdac~",
     "numinlets": 2,
     "numoutlets": 0,
     "patching_rect": [
      40,
      493,
      45,
      45
     ]
    }
   },
   {
    "box": {
     "id": "obj-18",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      95,
      505,
      147.0,
      22.0
     ],
     "text": "switch the audio on"
    }
   },
   {
    "box": {
     "id": "obj-19",
     "maxclass": "gain~",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      40,
      363,
      22,
      100
     ],
     "outlettype": [
      "signal",
      ""
     ]
    }
   },
   {
    "box": {
     "id": "obj-20",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      64,
      403,
      49.0,
      22.0
     ],
     "text": "piano"
    }
   },
   {
    "box": {
     "id": "obj-21",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "patching_rect": [
      80,
      329,
      98.0,
      22.0
     ],
     "outlettype": [
      ""
     ],
     "text": "loadmess 118"
    }
   }
  ],
  "lines": [
   {
    "patchline": {
     "source": [
      "obj-3",
      0
     ],
     "destination": [
      "obj-5",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "obj-6",
      0
     ],
     "destination": [
      "obj-5",
      0
     ],
     "midpoints": [
      429.5,
      118.0,
      412,
      118.0,
      412,
      250,
      49.5,
      250
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "obj-8",
      0
     ],
     "destination": [
      "obj-5",
      0
     ],
     "midpoints": [
      429.5,
      148.0,
      412,
      148.0,
      412,
      250,
      49.5,
      250
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "obj-10",
      0
     ],
     "destination": [
      "obj-5",
      0
     ],
     "midpoints": [
      429.5,
      178.0,
      412,
      178.0,
      412,
      250,
      49.5,
      250
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "obj-12",
      0
     ],
     "destination": [
      "obj-5",
      0
     ],
     "midpoints": [
      429.5,
      208.0,
      412,
      208.0,
      412,
      250,
      49.5,
      250
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "obj-14",
      0
     ],
     "destination": [
      "obj-5",
      0
     ],
     "midpoints": [
      429.5,
      238.0,
      412,
      238.0,
      412,
      250,
      49.5,
      250
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "obj-5",
      1
     ],
     "destination": [
      "obj-16",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "obj-5",
      0
     ],
     "destination": [
      "obj-19",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "obj-19",
      0
     ],
     "destination": [
      "obj-17",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "obj-19",
      0
     ],
     "destination": [
      "obj-17",
      1
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "obj-21",
      0
     ],
     "destination": [
      "obj-19",
      0
     ]
    }
   }
  ]
 }
}
