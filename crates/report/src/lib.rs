//! Findings as stories, causality graphs, HTML, JSON and JUnit.
