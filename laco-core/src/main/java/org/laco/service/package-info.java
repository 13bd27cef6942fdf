/** How extensions on the class path are found. For the other packages of this library; users register their classes and call nothing here. */
package org.laco.service;
