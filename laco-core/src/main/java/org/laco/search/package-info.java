/** Searches for layers to merge, and the evaluation of their candidates. */
package org.laco.search;
