import os
import re

x = 3
