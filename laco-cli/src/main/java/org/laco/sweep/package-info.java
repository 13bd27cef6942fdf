/** Compares searches over several sizes of the result: measures, resumes, and writes tables, plots and one page. */
package org.laco.sweep;
