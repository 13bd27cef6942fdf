/** Rules that make one weight out of those of several consecutive layers. */
package org.laco.merge;
